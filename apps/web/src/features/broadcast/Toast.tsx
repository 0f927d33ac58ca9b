import { X } from "lucide-react";
import { useEffect, useState } from "react";
import { text } from "../../text/text";

export interface Message {
  /** Another one for each. */
  key: string;
  sentence: string;
  action?: { name: string; run: () => void } | undefined;
  /** It stays until it is closed, and is read out at once. */
  urgent?: boolean | undefined;
}

const shownMs = 6_000;

/** One message at a time, bottom left: for six seconds, and for as long as the pointer or the focus is on it. */
export function Toast({ message }: { message: Message | undefined }) {
  const [closed, setClosed] = useState<string>();
  const [held, setHeld] = useState(false);
  const key = message?.key;
  const stays = held || message?.urgent === true;
  useEffect(() => {
    if (key === undefined || stays) return;
    const timer = setTimeout(() => setClosed(key), shownMs);
    return () => clearTimeout(timer);
  }, [key, stays]);
  const shown = message && closed !== message.key ? message : undefined;
  return (
    <div className="toast-place" role={shown?.urgent ? "alert" : "status"}>
      {shown && (
        <div
          className="toast"
          onPointerEnter={() => setHeld(true)}
          onPointerLeave={() => setHeld(false)}
          onFocus={() => setHeld(true)}
          onBlur={() => setHeld(false)}
        >
          <span className="grow">{shown.sentence}</span>
          {shown.action && (
            <button
              className="toast-action"
              onClick={() => {
                setClosed(shown.key);
                shown.action?.run();
              }}
            >
              {shown.action.name}
            </button>
          )}
          <button className="toast-close" aria-label={text.broadcast.close} onClick={() => setClosed(shown.key)}>
            <X size={14} strokeWidth={2} aria-hidden />
          </button>
        </div>
      )}
    </div>
  );
}
