import type { PartLine } from "../../tests/netbox/src/peers.ts";
import { percentile } from "../e2e/report.ts";

export interface ViewerLog {
  startedMs: number;
  parts: PartLine[];
}

const nameOf = ({ segment, part }: PartLine) => segment * 1000 + part;

/** Delays and continuity of the parts captured in the window, over all viewers; a part that nobody got is not known here. */
export function partFigures(logs: ViewerLog[], fromMs: number, untilMs: number) {
  const captured = new Map<number, number>();
  for (const { parts } of logs) for (const part of parts) captured.set(nameOf(part), part.capturedMs);
  const delays: number[] = [];
  const turns: number[] = [];
  const playheads = { at_1s: 1000, at_1_5s: 1500, at_2s: 2000, at_3s: 3000 };
  const inTime = { at_1s: 0, at_1_5s: 0, at_2s: 0, at_3s: 0 };
  let due = 0;
  for (const { startedMs, parts } of logs) {
    const got = new Map(parts.map((part) => [nameOf(part), part]));
    for (const [name, capturedMs] of captured) {
      // docs/measures.md: parts are due from 1.5 s after the join.
      if (capturedMs < Math.max(fromMs, startedMs + 1500) || capturedMs >= untilMs) continue;
      due += 1;
      const part = got.get(name);
      if (!part) continue;
      const delay = part.verifiedMs - part.capturedMs;
      delays.push(delay);
      turns.push(part.receivedMs - part.capturedMs);
      for (const key of Object.keys(playheads) as (keyof typeof playheads)[]) if (delay <= playheads[key]) inTime[key] += 1;
    }
  }
  const spread = (values: number[]) => ({ p50: percentile(values, 0.5), p95: percentile(values, 0.95), p99: percentile(values, 0.99) });
  return {
    delay_ms: spread(delays),
    in_turn_ms: spread(turns),
    continuity: Object.fromEntries(Object.entries(inTime).map(([key, count]) => [key, Number((count / due).toFixed(4))])) as Record<
      keyof typeof inTime,
      number
    >,
    parts_due: due,
    parts_lost: due - delays.length,
  };
}

/** How the stream really was, by the source's own log: what it weighed, and the share of a segment that its key part has. */
export function streamFigures(parts: PartLine[]) {
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const mean = (lines: PartLine[], of: (line: PartLine) => number) => sum(lines.map(of)) / Math.max(1, lines.length);
  const last = Math.max(...parts.map(({ part }) => part));
  const key = mean(
    parts.filter(({ part }) => part === 0),
    ({ bytes }) => bytes,
  );
  const other = mean(
    parts.filter(({ part }) => part > 0),
    ({ bytes }) => bytes,
  );
  return {
    part_ms: Math.round(mean(parts, ({ durationMs }) => durationMs)),
    parts_in_segment: last + 1,
    bits_per_s: Math.round((sum(parts.map(({ bytes }) => bytes)) * 8000) / sum(parts.map(({ durationMs }) => durationMs))),
    key_part_percent: Math.round((100 * key) / (key + last * other)),
    capture_ms: Math.round(mean(parts, ({ verifiedMs, capturedMs }) => verifiedMs - capturedMs)),
  };
}
