import { execFileSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { percentile, writeReport } from "../e2e/report.ts";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const rounds = Number(process.env.ROUNDS ?? 3);
const seconds = Number(process.env.SECONDS_MEASURED ?? 10);

/** Whom the relay feeds, with how much each. A stripe of a stream of 3 Mbit/s is .4. */
const modes = {
  bulk: { mode: "bulk", children: Number(process.env.BULK_CHILDREN ?? 4), kbitPerS: 3000 },
  paced: { mode: "paced", children: Number(process.env.CHILDREN ?? 50), kbitPerS: 400 },
  viewers: { mode: "paced", children: 12, kbitPerS: 3000 },
};
type Mode = keyof typeof modes;

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

function run(name: Mode): Run {
  const program = path.join(root, "build/bin/bench-relay");
  const { mode, children, kbitPerS } = modes[name];
  const result = JSON.parse(execFileSync(program, [mode, String(children), String(seconds), String(kbitPerS)], { encoding: "utf8" })) as Run;
  const lost = result.parts_due - result.parts_come;
  if (lost > 0) console.log(`${name}: ${lost} of ${result.parts_due} parts did not come; the figures are of a machine that was too busy`);
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

const names = Object.keys(modes) as Mode[];
const runs: Record<Mode, Run[]> = { bulk: [], paced: [], viewers: [] };
for (let round = 0; round < rounds; ++round) {
  for (const name of names) runs[name].push(run(name));
}
const { bulk, paced, viewers } = Object.fromEntries(names.map((name) => [name, figures(runs[name])])) as Record<Mode, ReturnType<typeof figures>>;
writeReport("relay", { bulk, paced: { children: modes.paced.children, ...paced }, viewers: { children: modes.viewers.children, ...viewers } });

const perSecond = (value: (run: Run) => number, of: Run[]) => median(of.map((one) => value(one) / one.seconds));
const line = (name: Mode) => {
  const { mbit_per_s_per_core, cpu_us_per_piece } = figures(runs[name]);
  const mbitPerS = perSecond(megabits, runs[name]).toFixed(0);
  const ofACore = perSecond((one) => one.cpu_us / 1e4, runs[name]).toFixed(0);
  return `  ${name.padEnd(8)}${mbitPerS} Mbit/s to ${modes[name].children} children with ${ofACore} % of a core: ${mbit_per_s_per_core} Mbit/s a core, ${cpu_us_per_piece} us for each piece given`;
};
console.log(`One native relay over real data channels on loopback, medians of ${rounds} rounds of ${seconds} s in turn:`);
for (const name of names) console.log(line(name));
