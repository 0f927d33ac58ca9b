import { SendHorizontal, Smile } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { chatTextMax, type Chat, type ChatSnapshot } from "@p2p-stream/client";
import { useShortcuts } from "../../components/useShortcuts";
import { formatDuration } from "../../text/format";
import { text } from "../../text/text";
import { EmotePicker } from "./EmotePicker";

type Refusal = keyof typeof text.chat.refusals;

/** Where one writes. What was refused stays in the field, with the reason below. */
export function SayField({ chat, snapshot, placeholder }: { chat: Chat; snapshot: ChatSnapshot; placeholder: string }) {
  const words = text.chat;
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState("");
  const [picking, setPicking] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  const waitS = useSecondsUntil(snapshot.silentUntilMs);
  const over = [...draft].length - chatTextMax;

  const send = async () => {
    const said = draft.trim();
    if (said === "" || over > 0 || waitS > 0) return;
    setDraft("");
    setRefusal(undefined);
    const result = await chat.say(said);
    if (result.said) return;
    setDraft((later) => later || said);
    if (result.why !== "too-fast") setRefusal(result.why);
  };
  const insert = (name: string) => {
    setDraft((now) => `${now}${now === "" || now.endsWith(" ") ? "" : " "}:${name}: `);
    setPicking(false);
    field.current?.focus();
  };
  useShortcuts({ e: () => setPicking(!picking) });

  const problem = snapshot.muted
    ? words.muted
    : over > 0
      ? words.tooLong(over)
      : refusal
        ? words.refusals[refusal]
        : waitS > 0
          ? words.writeAgain(formatDuration(waitS * 1_000))
          : undefined;
  return (
    <form
      className="chat-say"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {picking && <EmotePicker onPick={insert} onClose={() => setPicking(false)} />}
      <div className="chat-field">
        <input
          ref={field}
          className="field"
          value={draft}
          placeholder={waitS > 0 ? words.writeAgain(formatDuration(waitS * 1_000)) : placeholder}
          aria-label={words.message}
          aria-invalid={over > 0 || refusal !== undefined}
          aria-describedby={problem ? `${id}-problem` : undefined}
          disabled={snapshot.muted}
          enterKeyHint="send"
          autoComplete="off"
          onChange={({ target }) => setDraft(target.value)}
        />
        <button
          className="icon-button"
          type="button"
          aria-label={words.emotes}
          aria-expanded={picking}
          disabled={snapshot.muted}
          onClick={() => setPicking(!picking)}
        >
          <Smile size={20} strokeWidth={1.75} aria-hidden />
        </button>
        <button className="icon-button" type="submit" aria-label={words.send} disabled={snapshot.muted || over > 0 || waitS > 0}>
          <SendHorizontal size={20} strokeWidth={1.75} aria-hidden />
        </button>
      </div>
      {problem && (
        <p className={over > 0 || refusal ? "tiny live" : "tiny faint"} id={`${id}-problem`} role="status">
          {problem}
        </p>
      )}
      {!problem && snapshot.rules.slowS > 0 && <p className="tiny faint">{words.slowMode(words.seconds(snapshot.rules.slowS))}</p>}
    </form>
  );
}

/** Counts down to an instant of performance.now(), in whole seconds. */
function useSecondsUntil(instantMs: number): number {
  const left = () => Math.max(0, Math.ceil((instantMs - performance.now()) / 1_000));
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    setSeconds(left());
    if (left() === 0) return;
    const timer = setInterval(() => {
      setSeconds(left());
      if (left() === 0) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [instantMs]);
  return seconds;
}
