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
      const delay = part.receivedMs - part.capturedMs;
      delays.push(delay);
      for (const key of Object.keys(playheads) as (keyof typeof playheads)[]) if (delay <= playheads[key]) inTime[key] += 1;
    }
  }
  return {
    delay_ms: { p50: percentile(delays, 0.5), p95: percentile(delays, 0.95), p99: percentile(delays, 0.99) },
    continuity: Object.fromEntries(Object.entries(inTime).map(([key, count]) => [key, Number((count / due).toFixed(4))])),
    parts_due: due,
    parts_lost: due - delays.length,
  };
}
