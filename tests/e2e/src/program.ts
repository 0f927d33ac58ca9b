import { spawn, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, createWriteStream, readFileSync } from "node:fs";
import { createServer as createTcpServer } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

export const programPath = process.env.P2P_STREAM_BIN ?? path.join(root, "build/bin/p2p-stream");
export const artifactsPath = process.env.P2P_ARTIFACTS ?? path.join(root, "build/e2e");

/** Generous: machines can be several times slower than ours, and what is waited for is an event. */
export const patienceMs = 90_000;

/** In UTC, to the millisecond: what several programs and pages say can be laid side by side. */
export const timeOfDay = () => new Date().toISOString().slice(11, 23);

/** One process of the program (or of a test's own), its output kept for a failing test to show. */
export class Program {
  readonly #child: ChildProcess;
  readonly #name: string;
  #output = "";
  #waiting: { pattern: RegExp; resolve: (match: RegExpExecArray) => void }[] = [];
  exited: Promise<number | null>;

  private constructor(name: string, binary: string, args: string[]) {
    this.#name = name;
    mkdirSync(artifactsPath, { recursive: true });
    const log = createWriteStream(path.join(artifactsPath, `${name}.log`), { flags: "a" });
    log.write(`\n${timeOfDay()} $ ${binary} ${args.join(" ")}\n`);
    this.#child = spawn(binary, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, P2P_STREAM_CONFIG: "/dev/null" }, // what this machine's own server has is no business of a test
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        log.write(text);
        this.#output = (this.#output + text).slice(-200_000);
        this.#check();
      });
    }
    Program.#running.add(this.#child);
    this.exited = new Promise((resolve) => {
      this.#child.once("exit", (code) => {
        Program.#running.delete(this.#child);
        resolve(code);
      });
    });
  }

  static readonly #running = new Set<ChildProcess>();
  static {
    // A failing test leaves without stopping what it started.
    process.once("exit", () => Program.#running.forEach((child) => child.kill("SIGKILL")));
  }

  static start(name: string, args: string[], binary = programPath): Program {
    return new Program(name, binary, args);
  }

  get output(): string {
    return this.#output;
  }

  /** Resolves once the output holds the pattern; rejects when the process ends first or patience runs out. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const now = pattern.exec(this.#output);
    if (now) return now;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.#name} never said ${pattern}:\n${this.#output}`)), patienceMs);
      this.#waiting.push({
        pattern,
        resolve: (match) => {
          clearTimeout(timer);
          resolve(match);
        },
      });
      void this.exited.then((code) => {
        clearTimeout(timer);
        reject(new Error(`${this.#name} ended with ${code} before it said ${pattern}:\n${this.#output}`));
      });
    });
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    this.#child.kill(signal);
    return this.exited;
  }

  #check(): void {
    this.#waiting = this.#waiting.filter(({ pattern, resolve }) => {
      const match = pattern.exec(this.#output);
      if (match) resolve(match);
      return !match;
    });
  }
}

/**
 * A port that nobody uses and that the kernel gives nobody by itself (ip(7), ip_local_port_range): it is still free when it is used
 * later, or again, however many sockets other tests open meanwhile.
 */
export async function unassignedPort(): Promise<number> {
  const [assignedMin = 0, assignedMax = 0] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/).map(Number);
  for (;;) {
    const port = randomInt(10_000, 65_536);
    if (port >= assignedMin && port <= assignedMax) continue;
    const tcp = createTcpServer();
    const udp = createSocket("udp4");
    try {
      await once(tcp.listen(port, "127.0.0.1"), "listening");
      await once(udp.bind(port, "127.0.0.1"), "listening");
      return port;
    } catch {
      // Somebody chose it: draw again.
    } finally {
      await new Promise((resolve) => tcp.close(resolve));
      await new Promise<void>((resolve) => udp.close(resolve));
    }
  }
}

export interface Server {
  program: Program;
  /** As a person has it. Our program and browsers know the name localhost by themselves. */
  url: string;
  /** For clients that ask the system for it, where /etc/hosts may be missing. */
  numericUrl: string;
  port: number;
}

export async function startServer(port = 0): Promise<Server> {
  const program = Program.start("serve", ["serve", "--port", String(port), "--host", "127.0.0.1", "--turn", "off"]);
  const match = await program.says(/listening on http:\/\/[^:]+:(\d+)/);
  const chosen = Number(match[1]);
  return { program, url: `http://localhost:${chosen}`, numericUrl: `http://127.0.0.1:${chosen}`, port: chosen };
}

export interface Source {
  program: Program;
  watchUrl: string;
  streamId: string;
}

/** A picture that costs little to draw: several browsers play it on two cores. The bit rate, and with it the mesh's work, is the usual one. */
export const smallPicture = ["--width", "640", "--height", "360"];

export async function startSource(server: Server, args: string[] = [], title = "Test pattern"): Promise<Source> {
  const program = Program.start("publish", ["publish", "--verbose", "--test-pattern", "--server", server.url, "--title", title, ...args]);
  const match = await program.says(/live at (https?:\S+\/watch\/([0-9a-f]{20}))/);
  return { program, watchUrl: match[1] ?? "", streamId: match[2] ?? "" };
}
