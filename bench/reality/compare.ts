/** What both sides print, by the names of docs/measures.md. */
export interface Figures {
  delay_ms: { p50: number; p95: number };
  first_frame_ms: { p50: number; p95: number };
  continuity: { at_1_5s: number; at_2s: number; at_3s: number };
  share_from_peers: number;
  source_copies: number;
  control_fraction: number;
  duplicate_fraction: number;
  repair_fraction: number;
  hops: { p50: number; p95: number };
}

const rows: { name: string; of: (figures: Figures) => number; show: (value: number) => string }[] = [
  { name: "delay p50", of: (f) => f.delay_ms.p50, show: milliseconds },
  { name: "delay p95", of: (f) => f.delay_ms.p95, show: milliseconds },
  { name: "first frame p50", of: (f) => f.first_frame_ms.p50, show: milliseconds },
  { name: "first frame p95", of: (f) => f.first_frame_ms.p95, show: milliseconds },
  { name: "continuity at 1.5 s", of: (f) => f.continuity.at_1_5s, show: percent },
  { name: "continuity at 2 s", of: (f) => f.continuity.at_2s, show: percent },
  { name: "continuity at 3 s", of: (f) => f.continuity.at_3s, show: percent },
  { name: "share from peers", of: (f) => f.share_from_peers, show: percent },
  { name: "source copies", of: (f) => f.source_copies, show: (value) => value.toFixed(2) },
  { name: "control", of: (f) => f.control_fraction, show: percent },
  { name: "duplicates", of: (f) => f.duplicate_fraction, show: percent },
  { name: "repairs", of: (f) => f.repair_fraction, show: percent },
  { name: "hops p50", of: (f) => f.hops.p50, show: String },
  { name: "hops p95", of: (f) => f.hops.p95, show: String },
];

function milliseconds(value: number): string {
  return `${Math.round(value)} ms`;
}
function percent(value: number): string {
  return `${(value * 100).toFixed(2)} %`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Both sides of each figure with the spread of their runs, and box / simulator of the medians. */
export function compare(box: Figures[], simulator: Figures[]) {
  return rows.map(({ name, of, show }) => {
    const [real, predicted] = [box.map(of), simulator.map(of)];
    const ratio = median(real) / median(predicted);
    const spread = (values: number[]) => `${show(median(values))} (${show(Math.min(...values))}-${show(Math.max(...values))})`;
    return { figure: name, box: spread(real), simulator: spread(predicted), ratio: Number.isFinite(ratio) ? Number(ratio.toFixed(3)) : null };
  });
}
