import { useId } from "react";
import type { Chat, ChatSnapshot } from "@p2p-stream/client";
import { text } from "../../text/text";

const slowChoicesS = [0, 5, 10, 30, 60, 120, 300];

/** The streamer's: slow mode, and who is muted. */
export function ModerationBar({ chat, snapshot }: { chat: Chat; snapshot: ChatSnapshot }) {
  const words = text.chat;
  const id = useId();
  const { slowS, muted } = snapshot.rules;
  const choices = slowChoicesS.includes(slowS) ? slowChoicesS : [...slowChoicesS, slowS];
  return (
    <div className="chat-moderation" role="group" aria-label={words.moderation}>
      <label className="small" htmlFor={`${id}-slow`}>
        {words.slow}
      </label>
      <select id={`${id}-slow`} className="field" value={slowS} onChange={({ target }) => chat.setSlowMode(Number(target.value))}>
        {choices.map((seconds) => (
          <option key={seconds} value={seconds}>
            {seconds === 0 ? words.slowOff : words.seconds(seconds)}
          </option>
        ))}
      </select>
      {muted.length > 0 && (
        <>
          <span className="small muted push">{words.mutedPeople(muted.length)}</span>
          <button className="button" onClick={() => muted.forEach((author) => chat.unmute(author))}>
            {words.unmuteAll}
          </button>
        </>
      )}
    </div>
  );
}
