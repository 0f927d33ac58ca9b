import { useEffect, useRef } from "react";
import type { NeighborStats } from "@p2p-stream/client";
import { formatPercent } from "../../text/format";
import { text } from "../../text/text";

/** The line under the picture: one segment a feeder, as wide as its share of the last 10 s, white for the source. */
export function FeedLine({ neighbors }: { neighbors: readonly NeighborStats[] }) {
  const feeding = neighbors.filter(({ receivedBytes10s }) => receivedBytes10s > 0).sort((a, b) => b.receivedBytes10s - a.receivedBytes10s);
  const total = feeding.reduce((sum, { receivedBytes10s }) => sum + receivedBytes10s, 0);
  return (
    <ul className="feed-line" aria-label={text.watch.feedLine}>
      {feeding.map(({ peerId, role, receivedBytes, receivedBytes10s, rttMs, relayed }, index) => {
        const share = formatPercent(receivedBytes10s / total);
        const words = `${peerId.slice(0, 4)}, ${text.watch.roles[role]}, ${share}, ${rttMs} ms${relayed ? `, ${text.watch.throughRelay}` : ""}`;
        return (
          <Segment
            key={peerId}
            words={words}
            look={role === "source" ? "source" : `peer-${index % 4}`}
            share={receivedBytes10s}
            receivedBytes={receivedBytes}
          />
        );
      })}
    </ul>
  );
}

/** Short and in few steps: each is a redraw of the page, and one that never rests costs a third of all that a viewer's page does. */
const glint = { duration: 480, easing: "steps(8)", pseudoElement: "::after" } as const;

function Segment({ words, look, share, receivedBytes }: { words: string; look: string; share: number; receivedBytes: number }) {
  const segment = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (receivedBytes === 0 || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    segment.current?.animate({ transform: ["translateX(-100%)", "translateX(100%)"] }, glint);
  }, [receivedBytes]);
  return <li ref={segment} tabIndex={0} title={words} aria-label={words} className={look} style={{ flexGrow: share }} />;
}
