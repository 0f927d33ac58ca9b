import { execFileSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { percentile, writeReport } from "../e2e/report.ts";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const rounds = Number(process.env.ROUNDS ?? 3);
const seconds = Number(process.env.SECONDS_MEASURED ?? 10);
const pacedChildren = Number(process.env.CHILDREN ?? 12);
const bulkChildren = Number(process.env.BULK_CHILDREN ?? 4);

/** What bench-relay prints: of the relay's process, while it was measured. */
interface Run {
  children: number;
  seconds: number;
  cpu_us: number;
  given_bytes: number;
  received_bytes: number;
  pieces_verified: number;
  parts_due: number;
  parts_come: number;
}

function run(mode: "paced" | "bulk", children: number): Run {
  const program = path.join(root, "build/bin/bench-relay");
  const result = JSON.parse(execFileSync(program, [mode, String(children), String(seconds)], { encoding: "utf8" })) as Run;
  const lost = result.parts_due - result.parts_come;
  if (lost > 0) console.log(`${mode}: ${lost} of ${result.parts_due} parts did not come; the figures are of a machine that was too busy`);
  return result;
}

const median = (values: number[]) => percentile(values, 0.5);
const megabits = ({ given_bytes }: Run) => (given_bytes * 8) / 1e6;
// Each piece that was received was given to some children; pieces differ a little in size.
const piecesGiven = ({ given_bytes, received_bytes, pieces_verified }: Run) => (given_bytes * pieces_verified) / received_bytes;

function figures(runs: Run[]) {
  return {
    mbit_per_s_per_core: Number(median(runs.map((one) => megabits(one) / (one.cpu_us / 1e6))).toFixed(1)),
    cpu_us_per_piece: Number(median(runs.map((one) => one.cpu_us / piecesGiven(one))).toFixed(1)),
  };
}

const bulkRuns: Run[] = [];
const pacedRuns: Run[] = [];
for (let round = 0; round < rounds; ++round) {
  bulkRuns.push(run("bulk", bulkChildren));
  pacedRuns.push(run("paced", pacedChildren));
}
const bulk = figures(bulkRuns);
const paced = { children: pacedChildren, ...figures(pacedRuns) };
writeReport("relay", { bulk, paced });

const perSecond = (value: (run: Run) => number, runs: Run[]) => median(runs.map((one) => value(one) / one.seconds));
const line = (name: string, runs: Run[], { mbit_per_s_per_core, cpu_us_per_piece }: typeof bulk) =>
  `  ${name} ${perSecond(megabits, runs).toFixed(0)} Mbit/s to ${runs[0]!.children} children with ${perSecond((one) => one.cpu_us / 1e4, runs).toFixed(0)} % ` +
  `of a core: ${mbit_per_s_per_core} Mbit/s a core, ${cpu_us_per_piece} us for each piece given`;
console.log(`One native relay over real data channels on loopback, medians of ${rounds} rounds of ${seconds} s in turn:`);
console.log(line("bulk  ", bulkRuns, bulk));
console.log(line("paced ", pacedRuns, paced));
