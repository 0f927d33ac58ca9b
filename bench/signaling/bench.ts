import { execFile, execFileSync } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { percentile, writeReport } from "../e2e/report.ts";
import { onProcessor, root, start, type Side } from "./servers.ts";

const rounds = Number(process.env.ROUNDS ?? 3);
const seconds = Number(process.env.SECONDS_MEASURED ?? 10);
const generator = path.join(root, "build/bin/bench-signaling");
const sides: Side[] = ["ours", "socketio", "socketio_tuned"];

// A connection is a file descriptor in each process; some are needed for other things.
const descriptors = Number(execFileSync("bash", ["-c", "ulimit -Hn"], { encoding: "utf8" }));
const manyIdle = Math.min(20_000, Number.isFinite(descriptors) ? descriptors - 100 : 20_000);

interface Load {
  cpu_s: number;
  wall_s: number;
  p50_ms: number;
  p99_ms: number;
  failures: number;
}
type Signals = Load & { delivered: number };
type Joins = Load & { joined: number };
interface Idle {
  connections: number;
  rss_before_kb: number;
  rss_after_kb: number;
  failures: number;
}

/** One scenario against a server of its own. */
async function run<Outcome extends { failures: number }>(side: Side, scenario: string, options: Record<string, number | string>): Promise<Outcome> {
  const server = await start(side);
  try {
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const [command, ...rest] = onProcessor(1, [generator, scenario, "--port", String(server.port), "--pid", String(server.pid), ...flags]);
    const { stdout } = await promisify(execFile)(command!, rest);
    const outcome = JSON.parse(stdout) as Outcome;
    if (outcome.failures > 0) console.log(`${side}, ${scenario}: ${outcome.failures} requests failed; its figures are of less work`);
    return outcome;
  } finally {
    await server.stop();
  }
}

const signalsPerS = (measured: number) => ({ members: 2000, room: 20, seconds: measured });
const scenarios = {
  dials: (side: Side) => run<Signals>(side, "signals", { ...signalsPerS(seconds), burst: 4, "in-flight": 32 }),
  singles: (side: Side) => run<Signals>(side, "signals", { ...signalsPerS(seconds), burst: 1, "in-flight": 64 }),
  paced: (side: Side) => run<Signals>(side, "signals", { ...signalsPerS(seconds), "per-s": 8000 }),
  joins: (side: Side) => run<Joins>(side, "joins", { members: 1000, "in-flight": 32, seconds }),
  idle: (side: Side) => run<Idle>(side, "idle", { members: 5000, room: 0, seconds: 3 }),
  idleMany: (side: Side) => run<Idle>(side, "idle", { members: manyIdle, room: 0, seconds: 3 }),
  members: (side: Side) => run<Idle>(side, "idle", { members: 5000, room: 100, seconds: 8 }),
};
type Outcomes = { [Name in keyof typeof scenarios]: Awaited<ReturnType<(typeof scenarios)[Name]>>[] };

const outcomes = Object.fromEntries(
  sides.map((side) => [side, Object.fromEntries(Object.keys(scenarios).map((name) => [name, []]))]),
) as unknown as Record<Side, Outcomes>;
for (let round = 0; round < rounds; ++round) {
  for (const name of Object.keys(scenarios) as (keyof typeof scenarios)[]) {
    for (const side of sides) (outcomes[side][name] as unknown[]).push(await scenarios[name](side));
  }
}

const median = <Outcome>(of: Outcome[], value: (outcome: Outcome) => number, digits = 0) => Number(percentile(of.map(value), 0.5).toFixed(digits));
const kbEach = (idle: Idle) => (idle.rss_after_kb - idle.rss_before_kb) / idle.connections;

function figures(of: Outcomes) {
  return {
    signals_per_s_per_core: median(of.dials, ({ delivered, cpu_s }) => delivered / cpu_s),
    single_signals_per_s_per_core: median(of.singles, ({ delivered, cpu_s }) => delivered / cpu_s),
    p50_ms: median(of.paced, ({ p50_ms }) => p50_ms, 3),
    p99_ms_at_8k: median(of.paced, ({ p99_ms }) => p99_ms, 3),
    rss_kb_per_idle_connection: median(of.idle, kbEach, 2),
    rss_kb_per_idle_connection_of_many: median(of.idleMany, kbEach, 2),
    rss_kb_per_member: median(of.members, kbEach, 2),
    joins_per_s: median(of.joins, ({ joined, wall_s }) => joined / wall_s),
    joins_per_s_per_core: median(of.joins, ({ joined, cpu_s }) => joined / cpu_s),
    join_p99_ms: median(of.joins, ({ p99_ms }) => p99_ms, 2),
  };
}

const growth = [100, 1_000, 10_000, 100_000].flatMap((peers) =>
  [100, 100_000].map((room) => {
    const flags = ["growth", "--members", String(peers), "--room", String(room)];
    const { join_us, candidates_us, report_us } = JSON.parse(execFileSync(generator, flags, { encoding: "utf8" })) as Record<string, number>;
    return { peers, rooms: Math.max(1, peers / room), join_us, candidates_us, report_us };
  }),
);

interface Lists {
  filters: string;
  cpu_percent: number;
  deltas_per_s: number;
  kb_per_s: number;
  p50_ms: number;
  p99_ms: number;
  rss_kb: number;
  failures: number;
}
const lists: Lists[] = [];
for (const filters of ["same", "some", "own"]) lists.push(await run<Lists>("ours", "lists", { members: 1000, watchers: 5000, filters, seconds }));

const by = Object.fromEntries(sides.map((side) => [side, figures(outcomes[side])])) as Record<Side, ReturnType<typeof figures>>;
const ratio = (other: Side) =>
  Object.fromEntries(Object.entries(by.ours).map(([key, value]) => [key, Number((value / by[other][key as keyof typeof by.ours]).toFixed(3))]));
writeReport("signaling", {
  ours: by.ours,
  socketio: by.socketio,
  socketio_tuned: by.socketio_tuned,
  ratio: ratio("socketio"),
  ratio_tuned: ratio("socketio_tuned"),
  idle_connections_of_many: manyIdle,
  growth,
  lists,
});

console.log(`Medians of ${rounds} rounds of ${seconds} s in turn; the server on one processor, the load on another:`);
const rows: [keyof typeof by.ours, string][] = [
  ["signals_per_s_per_core", "relayed signals of 1.5 KB a CPU second, four at a time"],
  ["single_signals_per_s_per_core", "  the same, one at a time"],
  ["p50_ms", "latency at 8,000 signals/s, median, ms"],
  ["p99_ms_at_8k", "  99th percentile, ms"],
  ["rss_kb_per_idle_connection", "resident KB an idle connection, of 5,000"],
  ["rss_kb_per_idle_connection_of_many", `  of ${manyIdle}`],
  ["rss_kb_per_member", "resident KB a member who reports, of 5,000"],
  ["joins_per_s", "joins a second, connection and all, 32 under way"],
  ["joins_per_s_per_core", "  a CPU second"],
  ["join_p99_ms", "join, 99th percentile, ms"],
];
console.log(`  ${"".padEnd(56)}${["ours", "socket.io", "tuned", "ratio"].map((name) => name.padStart(11)).join("")}`);
for (const [key, text] of rows) {
  const cells = [...sides.map((side) => by[side][key]), Number((by.ours[key] / by.socketio[key]).toFixed(2))];
  console.log(`  ${text.padEnd(56)}${cells.map((value) => value.toLocaleString("en").padStart(11)).join("")}`);
}
console.log("The directory alone, microseconds of CPU for one viewer:");
for (const { peers, rooms, join_us, candidates_us, report_us } of growth) {
  console.log(
    `  ${String(peers).padStart(7)} peers in ${String(rooms).padStart(5)} rooms: join and leave ${join_us}, candidates ${candidates_us}, report ${report_us}`,
  );
}
console.log("1,000 streams, 5,000 watchers of the list, by what they want:");
for (const { filters, cpu_percent, kb_per_s, p50_ms, p99_ms } of lists) {
  console.log(
    `  ${filters.padEnd(5)} ${cpu_percent} % of a processor, ${kb_per_s} KB/s a watcher, an update is acknowledged in ${p50_ms} / ${p99_ms} ms (p50 / p99)`,
  );
}
