import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { artifactsPath, programPath } from "../../tests/e2e/src/program.ts";
import { whyNotHere } from "../../tests/netbox/src/netbox.ts";
import { writeReport } from "../e2e/report.ts";
import { measureInBox } from "../netbox/measure.ts";
import { asInTheBox, peopleOf, readWorld, type World } from "../netbox/world.ts";
import { compare, median, type Figures } from "./compare.ts";

const why = whyNotHere();
if (why) {
  console.error(why);
  process.exit(1);
}
const { world, ignored } = readWorld(process.argv[2], process.env.VIEWERS ? { viewers: Number(process.env.VIEWERS) } : {});
if (ignored.length > 0) console.error(`The box does not act out: ${ignored.join(", ")}.`);
const seed = Number(process.env.SEED ?? 1);
const runs = Number(process.env.RUNS ?? 1);
const seeds = Number(process.env.SEEDS ?? 9);
const people = peopleOf(world, seed);

const box: Awaited<ReturnType<typeof measureInBox>>[] = [];
for (let run = 0; run < runs; ++run) {
  box.push(await measureInBox(world, people, seed + run)); // other packets are lost; the people are the same
  const { processors_busy_percent, processors_own_percent, processor_wait_ms } = box.at(-1)!;
  console.log(
    `box, run ${run + 1} of ${runs}: processors ${processors_busy_percent} % busy, ${processors_own_percent} % by the box; a ready thread waited ${processor_wait_ms} ms for one`,
  );
}

// The simulator's stream is the one that was really sent: an encoder keeps to its bit rate roughly.
const stream = <Key extends keyof (typeof box)[0]["stream"]>(key: Key) => Math.round(median(box.map((run) => run.stream[key])));
const { uploads: _uploads, nats: _nats, ...rest } = world;
const simulated: Omit<World, "uploads" | "nats"> & Record<string, unknown> = {
  ...rest,
  ...asInTheBox,
  people,
  bits_per_s: stream("bits_per_s"),
  part_ms: stream("part_ms"),
  segment_ms: stream("part_ms") * stream("parts_in_segment"),
  key_part_percent: stream("key_part_percent"),
  capture_ms: stream("capture_ms"),
  join_round_trips: 3, // TCP, WebSocket, Socket.IO
};
mkdirSync(artifactsPath, { recursive: true });
const worldFile = path.join(artifactsPath, "world.json");
const figuresFile = path.join(artifactsPath, "simulator.json");
writeFileSync(worldFile, `${JSON.stringify(simulated, null, 1)}\n`);
execFileSync(programPath, ["simulate", "steady-1k", "--world", worldFile, "--seeds", String(seeds), "--json", figuresFile], {
  stdio: ["ignore", "ignore", "inherit"],
});
const simulator = JSON.parse(readFileSync(figuresFile, "utf8")) as Figures & { runs?: Figures[] };
const predicted = simulator.runs ?? [simulator];

const figures = compare(box, predicted);
const widths = [20, 30, 30];
const line = (cells: string[]) => cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" ");
console.log(line(["", `box (${runs} runs)`, `simulator (${predicted.length} seeds)`, "box / simulator"]));
for (const row of figures) console.log(line([row.figure, row.box, row.simulator, row.ratio === null ? "-" : row.ratio.toFixed(2)]));
writeReport("reality", { figures, box, simulator: predicted, seed, world: simulated });
