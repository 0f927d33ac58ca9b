import { Copy } from "lucide-react";
import { useEffect, useState } from "react";
import type { BroadcastSnapshot, BroadcastStats } from "@p2p-stream/client";
import { formatDuration, formatRate } from "../../text/format";
import { text } from "../../text/text";

/** The right column while live: length, link, what the source sends, End. */
export function LivePanel({ snapshot, stats, onEnd }: { snapshot: BroadcastSnapshot; stats: BroadcastStats | undefined; onEnd: () => void }) {
  const words = text.broadcast;
  const [asking, setAsking] = useState(false);
  const [copied, setCopied] = useState(false);
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);

  const link = `${location.origin}/watch/${snapshot.streamId ?? ""}`;
  const uploadBitsPerS = (stats?.neighbors ?? []).reduce((sum, { givenBytes10s }) => sum + givenBytes10s, 0) * 0.8;
  const copies = stats && stats.producedBytes > 0 ? stats.givenBytes / stats.producedBytes : 0;
  return (
    <div className="column form">
      <p className="row">
        <span className="badge">{words.live}</span>
        <span className="title-m">{formatDuration(nowMs - (snapshot.liveSinceMs ?? nowMs))}</span>
      </p>
      <div>
        <span className="label">{words.link}</span>
        <p className="row">
          <input className="field" readOnly value={link} aria-label={words.link} data-testid="watch-link" />
          <button className="button" onClick={() => void navigator.clipboard.writeText(link).then(() => setCopied(true))}>
            <Copy size={18} strokeWidth={1.75} aria-hidden />
            <span aria-live="polite">{copied ? words.copied : words.copy}</span>
          </button>
        </p>
      </div>
      <dl className="figures">
        <Figure name={words.viewers} value={String(stats?.neighbors.length ?? 0)} />
        <Figure name={words.upload} value={formatRate(uploadBitsPerS)} />
        <Figure name={words.copies} value={copies.toFixed(2)} meaning={words.copiesMeaning} />
        <Figure name={words.bitrate} value={formatRate(stats?.encodedBitsPerS ?? 0)} />
        <Figure name={words.dropped} value={String(stats?.droppedFrames ?? 0)} />
      </dl>
      {asking ? (
        <div className="column" role="alertdialog" aria-label={words.endAsk}>
          <p className="strong">{words.endAsk}</p>
          <p className="row">
            <button className="button" onClick={() => setAsking(false)} autoFocus>
              {words.keepGoing}
            </button>
            <button className="button red" onClick={onEnd}>
              {words.end}
            </button>
          </p>
        </div>
      ) : (
        <button className="button red" onClick={() => setAsking(true)}>
          {words.end}
        </button>
      )}
    </div>
  );
}

function Figure({ name, value, meaning }: { name: string; value: string; meaning?: string }) {
  return (
    <div>
      <dt className="small muted">{name}</dt>
      <dd>
        <span className="title-s">{value}</span> {meaning && <span className="tiny faint">{meaning}</span>}
      </dd>
    </div>
  );
}
