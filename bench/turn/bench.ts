import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createSocket } from "node:dgram";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { percentile, writeReport } from "../e2e/report.ts";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const program = path.join(root, "build/bin/bench-turn");
const coturn = process.env.P2P_COTURN ?? "/usr/bin/turnserver";
const rounds = Number(process.env.ROUNDS ?? 3);
const seconds = Number(process.env.SECONDS_MEASURED ?? 5);
const payloadBytes = 1_200;
const secret = randomBytes(20).toString("hex");

const sides = ["ours", "coturn"] as const;
type Side = (typeof sides)[number];
const scenarios = { one: { allocations: 1, inFlight: 128 }, pairs: { allocations: 100, inFlight: 400 } };
type Scenario = keyof typeof scenarios;
const names = Object.keys(scenarios) as Scenario[];

interface Running {
  pid: number;
  port: number;
  stop(): Promise<void>;
}
interface Outcome {
  delivered: number;
  lost: number;
  wall_s: number;
  cpu_s: number;
}

/** The server keeps to one processor, the load to the other. `taskset` becomes the program that it starts. */
async function started(command: string[], ready: RegExp, portOf: (line: RegExpExecArray) => number): Promise<Running> {
  const child = spawn("taskset", ["-c", "0", ...command], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const said = new Promise<RegExpExecArray>((resolve) =>
    lines.on("line", (line) => {
      const match = ready.exec(line);
      if (match) resolve(match);
    }),
  );
  const match = await Promise.race([said, exited.then(() => Promise.reject(new Error(`${command[0]} did not start`)))]);
  return {
    pid: child.pid!,
    port: portOf(match),
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** A UDP port that is free now. */
async function freePort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

const start: Record<Side, (folder: string) => Promise<Running>> = {
  ours: () => started([program, "serve", "--secret", secret], /^port (\d+)/, ([, port]) => Number(port)),
  coturn: async (folder) => {
    const port = await freePort();
    const flags = [
      "-n",
      "-p",
      String(port),
      "-L",
      "127.0.0.1",
      "-E",
      "127.0.0.1",
      "-r",
      "bench",
      "--use-auth-secret",
      "--static-auth-secret",
      secret,
    ];
    const files = ["--log-file", "stdout", "--simple-log", "--pidfile", path.join(folder, "pid"), "--userdb", path.join(folder, "users.db")];
    return started(
      [coturn, ...flags, ...files, "--allow-loopback-peers", "--no-cli", "--no-tls", "--no-dtls"],
      /IO method \(admin thread\)/,
      () => port,
    );
  },
};

async function measure(side: Side, scenario: Scenario): Promise<Outcome> {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-turn-"));
  const server = await start[side](folder);
  try {
    const { allocations, inFlight } = scenarios[scenario];
    const to = ["--port", String(server.port), "--pid", String(server.pid), "--secret", secret];
    const load = [
      "--allocations",
      String(allocations),
      "--in-flight",
      String(inFlight),
      "--payload",
      String(payloadBytes),
      "--seconds",
      String(seconds),
    ];
    const { stdout } = await promisify(execFile)("taskset", ["-c", "1", program, "load", ...to, ...load]);
    return JSON.parse(stdout) as Outcome;
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const outcomes: Record<Side, Record<Scenario, Outcome[]>> = { ours: { one: [], pairs: [] }, coturn: { one: [], pairs: [] } };
for (let round = 0; round < rounds; ++round) {
  for (const scenario of names) for (const side of sides) outcomes[side][scenario].push(await measure(side, scenario));
}

const median = (of: Outcome[], value: (outcome: Outcome) => number) => percentile(of.map(value), 0.5);
function figures(of: Outcome[]) {
  const perCore = median(of, ({ delivered, cpu_s }) => delivered / cpu_s);
  return {
    datagrams_per_s_per_core: Math.round(perCore),
    mbit_per_s_per_core: Math.round((perCore * payloadBytes * 8) / 1e6),
    datagrams_per_s: Math.round(median(of, ({ delivered, wall_s }) => delivered / wall_s)),
    lost_share: Number(median(of, ({ delivered, lost }) => lost / (delivered + lost)).toFixed(4)),
  };
}
const by = Object.fromEntries(sides.map((side) => [side, Object.fromEntries(names.map((name) => [name, figures(outcomes[side][name])]))])) as Record<
  Side,
  Record<Scenario, ReturnType<typeof figures>>
>;
const ratio = Object.fromEntries(
  names.map((name) => [name, Number((by.ours[name].datagrams_per_s_per_core / by.coturn[name].datagrams_per_s_per_core).toFixed(2))]),
) as Record<Scenario, number>;
writeReport("turn", { payload_bytes: payloadBytes, ours: by.ours, coturn: by.coturn, ratio });

console.log(
  `Datagrams of ${payloadBytes} bytes through the relay, both ways, medians of ${rounds} rounds of ${seconds} s in turn; the server on one processor:`,
);
const texts: Record<Scenario, string> = { one: "one allocation and a peer without", pairs: "between 100 allocations, in pairs" };
for (const name of names) {
  for (const side of sides) {
    const { datagrams_per_s_per_core, mbit_per_s_per_core, datagrams_per_s, lost_share } = by[side][name];
    const cost = `${datagrams_per_s_per_core.toLocaleString("en").padStart(8)} datagrams, ${String(mbit_per_s_per_core).padStart(5)} Mbit/s a CPU second`;
    console.log(
      `  ${texts[name].padEnd(36)}${side.padEnd(7)}${cost}; ${datagrams_per_s.toLocaleString("en").padStart(8)} datagrams a second, ${(lost_share * 100).toFixed(1)} % lost`,
    );
  }
  console.log(`  ${"".padEnd(36)}ratio  ${ratio[name]}`);
}
