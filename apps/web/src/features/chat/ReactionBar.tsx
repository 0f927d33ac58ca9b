import type { Chat } from "@p2p-stream/client";
import { formatCount } from "../../text/format";
import { text } from "../../text/text";
import { emotes, reactionEmotes } from "./emoteSet";

/** Five reactions, counted over the last 10 s. */
export function ReactionBar({ chat, counts, disabled }: { chat: Chat; counts: readonly number[]; disabled: boolean }) {
  const most = Math.max(...counts);
  return (
    <div className="chat-reactions">
      {reactionEmotes.map((name, reaction) => {
        const count = counts[reaction] ?? 0;
        return (
          <button
            key={name}
            className={count > 0 && count === most ? "chat-reaction on" : "chat-reaction"}
            aria-label={text.chat.react(name, count)}
            disabled={disabled}
            onClick={() => chat.react(reaction)}
          >
            <img src={emotes.get(name)} alt="" width={18} height={18} />
            {count > 0 && formatCount(count)}
          </button>
        );
      })}
    </div>
  );
}
