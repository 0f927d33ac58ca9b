import { formatRate } from "../../text/format";
import { text } from "../../text/text";
import type { SentSecond } from "./health";

const width = 600;
const height = 96;
const keptS = 60;
const lines = 3;

/** At or above what is shown, and round when it is cut into three. */
function ceiling(bitsPerS: number): number {
  for (let power = 1_000_000; ; power *= 10) {
    const times = [0.3, 0.6, 1.5].find((each) => power * each >= bitsPerS);
    if (times !== undefined) return power * times;
  }
}

/** The upload of the last minute. */
export function SentGraph({ seconds, allowedBitsPerS, dropped }: { seconds: readonly SentSecond[]; allowedBitsPerS: number; dropped: number }) {
  const words = text.broadcast;
  const top = ceiling(Math.max(...seconds.map(({ sentBitsPerS }) => sentBitsPerS), 0));
  const now = seconds.at(-1)?.sentBitsPerS ?? 0;
  const x = (index: number) => ((keptS - seconds.length + index) * width) / (keptS - 1);
  const y = (bitsPerS: number) => height - (bitsPerS / top) * height;
  const path = seconds.map(({ sentBitsPerS }, index) => `${index === 0 ? "M" : "L"}${x(index).toFixed(1)} ${y(sentBitsPerS).toFixed(1)}`).join("");
  const figures = words.sentFigures(formatRate(now), formatRate(allowedBitsPerS), dropped);
  return (
    <section className="panel" aria-labelledby="sent-title">
      <header className="row">
        <h2 className="small strong" id="sent-title">
          {words.sent}
        </h2>
        <span className="small muted">{words.lastMinute}</span>
        <span className="push small muted">{figures}</span>
      </header>
      <svg className="sent-graph" viewBox={`0 -6 ${width + 60} ${height + 12}`} role="img" aria-label={figures}>
        {Array.from({ length: lines + 1 }, (_, line) => (
          <g key={line}>
            <path className="grid" d={`M0 ${(line * height) / lines}H${width}`} />
            <text x={width + 8} y={(line * height) / lines + 4}>
              {((top * (lines - line)) / lines / 1e6).toFixed(1)}
            </text>
          </g>
        ))}
        {path && <path className="line" d={path} />}
      </svg>
    </section>
  );
}
