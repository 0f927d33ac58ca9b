import type { NeighborStats } from "@p2p-stream/client";
import { formatPercent } from "../../text/format";
import { text } from "../../text/en";

/** The line under the picture: one segment a feeder, as wide as its share of the last 10 s, white for the source. */
export function FeedLine({ neighbors }: { neighbors: readonly NeighborStats[] }) {
  const feeding = neighbors.filter(({ receivedBytes10s }) => receivedBytes10s > 0).sort((a, b) => b.receivedBytes10s - a.receivedBytes10s);
  const total = feeding.reduce((sum, { receivedBytes10s }) => sum + receivedBytes10s, 0);
  return (
    <ul className="feed-line" aria-label={text.watch.feedLine}>
      {feeding.map(({ peerId, role, receivedBytes10s, rttMs }, index) => {
        const share = formatPercent(receivedBytes10s / total);
        const words = `${peerId.slice(0, 4)}, ${text.watch.roles[role]}, ${share}, ${rttMs} ms`;
        return (
          <li
            key={peerId}
            tabIndex={0}
            title={words}
            aria-label={words}
            className={role === "source" ? "source" : `peer-${index % 4}`}
            style={{ flexGrow: receivedBytes10s }}
          />
        );
      })}
    </ul>
  );
}
