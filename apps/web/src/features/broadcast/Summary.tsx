import { useEffect, useRef } from "react";
import type { BroadcastSnapshot, BroadcastStats } from "@p2p-stream/client";
import { formatBytes, formatCount, formatDuration, formatPercent } from "../../text/format";
import { text } from "../../text/text";
import { shareFromPeers } from "./LivePanel";

interface Props {
  snapshot: BroadcastSnapshot;
  /** As they were last. */
  stats: BroadcastStats | undefined;
  endedMs: number;
  onAgain: () => void;
}

/** What came of the stream. */
export function Summary({ snapshot, stats, endedMs, onAgain }: Props) {
  const words = text.broadcast;
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []);
  const share = stats && shareFromPeers(stats);
  const figures: [string, string][] = [
    [words.length, formatDuration(endedMs - (snapshot.liveSinceMs ?? endedMs))],
    [words.peak, formatCount(stats?.viewersPeak ?? 0)],
    [words.fromPeersShare, share === undefined ? "-" : formatPercent(share)],
    [words.sentInAll, formatBytes(stats?.givenBytes ?? 0)],
    [words.deliveredInAll, formatBytes(Math.round(stats?.deliveredBytes ?? 0))],
  ];
  return (
    <div className="column form">
      <h2 className="title-m" ref={head} tabIndex={-1}>
        {words.ended}
      </h2>
      <p className="muted">{snapshot.details.title}</p>
      <dl className="summary">
        {figures.map(([name, figure]) => (
          <div key={name} className="row">
            <dt className="muted grow">{name}</dt>
            <dd className="strong">{figure}</dd>
          </div>
        ))}
      </dl>
      <p className="tiny faint">{words.summaryMeans}</p>
      <button className="button main" onClick={onAgain}>
        {words.again}
      </button>
    </div>
  );
}
