import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** The value below which that share of them lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Writes build/bench/NAME.json: the figures, and what they were measured on. */
export function writeReport(name: string, figures: object): void {
  const report = {
    ...figures,
    commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim(),
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? "",
    cores: cpus().length,
    build_type: "Release",
  };
  mkdirSync(path.join(root, "build/bench"), { recursive: true });
  writeFileSync(path.join(root, `build/bench/${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
}
