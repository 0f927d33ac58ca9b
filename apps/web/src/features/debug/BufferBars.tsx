import { text } from "../../text/text";
import type { PeerView } from "./simulation/module";

const width = 336;
const height = 56;
const shortMs = 200;

/** What each player has ahead of it, the least first: a bar a viewer, amber where little is left. */
export function BufferBars({ peers }: { peers: readonly PeerView[] }) {
  const words = text.debug.swarm;
  const buffers = peers.filter(({ number }) => number !== 0).map(({ bufferMs }) => bufferMs);
  const sorted = buffers.toSorted((a, b) => a - b);
  const max = Math.max(1_000, ...buffers);
  const step = width / Math.max(sorted.length, 1);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return (
    <div className="debug-graph-line">
      <p className="row small">
        <span className="muted">
          {words.buffers}
          <span className="visually-hidden">, {words.buffersMeaning}</span>
        </span>
        <b className="strong push">{(median / 1_000).toFixed(2)} s</b>
      </p>
      <svg viewBox={`0 0 ${width} ${height}`} aria-hidden>
        <path className="grid" d={`M0 1H${width}M0 ${height - 1}H${width}`} />
        {sorted.map((ms, index) => {
          const tall = Math.max((height - 2) * (ms / max), 1);
          return (
            <rect
              key={index}
              className={ms < shortMs ? "bar short" : "bar"}
              x={index * step}
              y={height - 1 - tall}
              width={Math.max(step - 1, 0.6)}
              height={tall}
            />
          );
        })}
      </svg>
    </div>
  );
}
