import { useEffect, useRef, useState } from "react";
import { text } from "../../text/text";

const fromS = 3;

/** Three seconds to change one's mind. */
export function Countdown({ onOver, onCancel }: { onOver: () => void; onCancel: () => void }) {
  const words = text.broadcast;
  const [left, setLeft] = useState(fromS);
  const over = useRef(onOver);
  useEffect(() => {
    over.current = onOver;
  });
  useEffect(() => {
    if (left === 0) return over.current();
    const timer = setTimeout(() => setLeft(left - 1), 1_000);
    return () => clearTimeout(timer);
  }, [left]);
  return (
    <div className="cover dark" role="status">
      <p className="countdown">{left}</p>
      <p>{words.goingLive(left)}</p>
      <button className="button" onClick={onCancel} autoFocus>
        {words.cancel}
      </button>
    </div>
  );
}
