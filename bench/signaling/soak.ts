import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { onProcessor, root, start } from "./servers.ts";

/** One soak of the server that `program` is; true when nobody was harmed, memory is flat and the server ended well. */
async function soak(name: string, program: string, seconds: number, signalsPerS: number, arrivalsPerS: number): Promise<boolean> {
  console.log(`${name}: ${seconds} s, ${signalsPerS} signals/s among 1,000 members, ${arrivalsPerS} arrivals/s of whom half behave`);
  const server = await start("ours", program);
  const generator = path.join(root, "build/bin/bench-signaling");
  const flags = ["soak", "--port", server.port, "--pid", server.pid, "--per-s", signalsPerS, "--arrivals-per-s", arrivalsPerS, "--seconds", seconds];
  const [command, ...rest] = onProcessor(1, [generator, ...flags.map(String)]);
  const load = spawn(command!, rest, { stdio: ["ignore", "pipe", "inherit"] });
  const resident: number[] = [];
  let after = Number.NaN;
  createInterface({ input: load.stdout }).on("line", (line) => {
    const minute = JSON.parse(line) as Record<string, number>;
    if (minute.rss_kb !== undefined) {
      resident.push(minute.rss_kb);
      const { second, rss_kb, cpu_percent, p99_ms, served, present } = minute;
      console.log(
        `  ${second} s: ${rss_kb} KB resident, ${minute.signals_per_s} signals/s, ${cpu_percent} % of a core, p99 ${p99_ms} ms, ${served} visitors served, ${present} present`,
      );
    } else {
      after = minute.rss_after_kb!;
      console.log(`  afterwards: ${after} KB; arrived who leave, crash, fall silent, read slowly, flood, talk nonsense: ${String(minute.arrived)}`);
    }
  });
  const [code] = (await once(load, "close")) as [number | null];
  const serverCode = await server.stop();
  // The half-open are as many as there will be after 70 s; from the second minute on nothing should grow.
  const settled = resident[1] ?? after;
  const flat = after <= settled * 1.1;
  if (code !== 0) console.log(`  FAILED: somebody who behaves was harmed`);
  if (serverCode !== 0) console.log(`  FAILED: the server ended with ${String(serverCode)}`);
  if (!flat) console.log(`  FAILED: resident memory grew from ${settled} to ${after} KB`);
  return code === 0 && serverCode === 0 && flat;
}

const seconds = Number(process.env.SECONDS_SOAK ?? 600);
const plain = await soak("The program", path.join(root, "build/bin/p2p-stream"), seconds, 8000, 300);
// Leaks are looked for when the server ends; the sanitizers take a multiple of the time, and of memory by design.
const leaks = await soak("Its sanitizer build", path.join(root, "build/sanitize/bin/p2p-stream"), Math.max(20, Math.round(seconds / 10)), 1000, 100);
console.log(plain && leaks ? "soaked: nobody harmed, memory flat, no leaks" : "soak FAILED");
process.exitCode = plain && leaks ? 0 : 1;
