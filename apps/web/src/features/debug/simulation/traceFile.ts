import type { Change, LogLine, SimulationView } from "./module";

/**
 * A run as JSON lines: its seed, what was changed when, what the engines did, how it stood at the end, and the digest there.
 * `p2p-stream simulate --replay FILE` runs it again and compares the digest.
 */
export function traceLines(run: { seed: string; changes: readonly Change[]; log: readonly LogLine[]; view: SimulationView; digest: string }): string {
  const lines: object[] = [
    { type: "run", version: 1, seed: run.seed },
    ...run.changes.map((change) => ({ type: "change", ...change })),
    ...run.log.map(({ atUs, kind, peer, id, text }) => ({ type: "log", atUs, kind, peer, id, text })),
    { type: "state", ...run.view },
    { type: "digest", atUs: run.view.atUs, digest: run.digest },
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}
