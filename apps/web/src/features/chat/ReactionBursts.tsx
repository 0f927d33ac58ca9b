import { useEffect, useState, type CSSProperties } from "react";
import type { Chat } from "@p2p-stream/client";
import { emotes, reactionEmotes } from "./emoteSet";
import { useChatOptions } from "./useChatOptions";

interface Burst {
  number: number;
  reaction: number;
}

const atOnce = 12;
let bursts = 0;

/** Reactions that rise at the right edge of the picture. Who wants less motion, or none of this, sees the counters alone. */
export function ReactionBursts({ chat }: { chat: Chat | undefined }) {
  const [{ bursts: wanted }] = useChatOptions();
  const [rising, setRising] = useState<Burst[]>([]);
  useEffect(() => {
    if (!chat || !wanted) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    const stop = chat.onReaction((reaction) => {
      if (!still.matches) setRising((now) => (now.length < atOnce ? [...now, { number: ++bursts, reaction }] : now));
    });
    return () => {
      stop();
      setRising([]);
    };
  }, [chat, wanted]);
  if (rising.length === 0) return null;
  return (
    <div className="chat-bursts" aria-hidden>
      {rising.map(({ number, reaction }) => (
        <img
          key={number}
          src={emotes.get(reactionEmotes[reaction] ?? "heart")}
          alt=""
          style={{ "--place": (number * 5) % 7 } as CSSProperties}
          onAnimationEnd={() => setRising((now) => now.filter((burst) => burst.number !== number))}
        />
      ))}
    </div>
  );
}
