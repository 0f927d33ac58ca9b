const width = 336;
const height = 56;

interface Props {
  name: string;
  values: readonly number[];
  /** Of the scale; values beyond it are drawn at its end. */
  max: number;
  shown: string;
}

/** The last two minutes of a figure. */
export function LineGraph({ name, values, max, shown }: Props) {
  const step = width / 119;
  const left = width - (values.length - 1) * step;
  const points = values.map(
    (value, index) => `${(left + index * step).toFixed(1)} ${(1 + (height - 2) * (1 - Math.min(value / max, 1))).toFixed(1)}`,
  );
  return (
    <div className="debug-graph-line">
      <p className="row small">
        <span className="muted">{name}</span>
        <b className="strong push">{shown}</b>
      </p>
      <svg viewBox={`0 0 ${width} ${height}`} aria-hidden>
        <path className="grid" d={`M0 1H${width}M0 ${height / 2}H${width}M0 ${height - 1}H${width}`} />
        {points.length > 1 && <path className="line" d={`M${points.join("L")}`} />}
      </svg>
    </div>
  );
}
