import { useEffect, useState } from "react";
import { text } from "../../text/text";
import type { Resumable } from "./useBroadcast";

const resumableForMs = 60_000;

/** A stream that this browser has just left: it can go on, for as long as the server keeps it. */
export function ResumeOffer({ resumable, onResume, onDecline }: { resumable: Resumable; onResume: () => void; onDecline: () => void }) {
  const words = text.broadcast;
  const leftS = () => Math.ceil((resumable.progress.savedAtMs + resumableForMs - Date.now()) / 1_000);
  const [left, setLeft] = useState(leftS);
  useEffect(() => {
    if (left <= 0) return onDecline();
    const timer = setTimeout(() => setLeft(leftS()), 1_000);
    return () => clearTimeout(timer);
  });
  return (
    <div className="notice resume" role="alert">
      <span className="grow">{words.resumeAsk(resumable.details.title, Math.max(0, left))}</span>
      <button className="button main" onClick={onResume}>
        {words.resume}
      </button>
      <button className="button" onClick={onDecline}>
        {words.dontResume}
      </button>
    </div>
  );
}
