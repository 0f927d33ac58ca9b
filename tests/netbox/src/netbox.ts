import { spawn, spawnSync, type ChildProcessByStdio } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { artifactsPath, Program, programPath } from "../../e2e/src/program.ts";
import type { Change, RouterStats, Scenario } from "./scenario.ts";

const binaries = path.dirname(programPath);
export const routerPath = process.env.P2P_NETBOX_ROUTER ?? path.join(binaries, "netbox-router");

export interface Host {
  name: string;
  namespace: string;
  /** As the host itself sees it. */
  address: string;
  /** As others see it: the NAT's, where there is one. */
  publicAddress: string;
}

type Router = ChildProcessByStdio<Writable, Readable, null>;

let boxes = 0;

/**
 * A network in a box, as long as it is open. The router process makes the namespaces and removes them with all that still runs in
 * them: when close() is called, when this process dies (its standard input ends then), or when it is killed itself.
 */
export class Netbox {
  readonly run: string;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly #router: Router;
  readonly #answers: ((line: string) => void)[];
  readonly #ended: Promise<void>;

  private constructor(run: string, router: Router, hosts: Map<string, Host>, answers: ((line: string) => void)[], ended: Promise<void>) {
    this.run = run;
    this.#router = router;
    this.hosts = hosts;
    this.#answers = answers;
    this.#ended = ended;
  }

  static async open(scenario: Scenario | string): Promise<Netbox> {
    let file = scenario;
    const run = `netbox${process.pid}${boxes++ > 0 ? `-${boxes}` : ""}`;
    if (typeof file !== "string") {
      mkdirSync(artifactsPath, { recursive: true });
      file = path.join(artifactsPath, `${run}.json`);
      writeFileSync(file, JSON.stringify(scenario, null, 1));
    }
    const router = spawn(routerPath, [file, "--run", run], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = new Promise<void>((resolve) => router.once("exit", () => resolve()));
    const answers: ((line: string) => void)[] = [];
    const ready = new Promise<string>((resolve, reject) => {
      answers.push(resolve);
      router.once("error", reject);
      router.once("exit", (code) => reject(new Error(`netbox-router ended with ${code}; its reason is above`)));
    });
    createInterface(router.stdout).on("line", (line) => answers.shift()?.(line));
    const told = (JSON.parse(await ready) as { ready: Record<string, { namespace: string; address: string; public_address: string }> }).ready;
    const hosts = new Map(
      Object.entries(told).map(([name, { namespace, address, public_address }]) => [name, { name, namespace, address, publicAddress: public_address }]),
    );
    return new Netbox(run, router, hosts, answers, ended);
  }

  host(name: string): Host {
    const host = this.hosts.get(name);
    if (!host) throw new Error(`no host is called ${name}`);
    return host;
  }

  /** A program on that host. `ip netns exec` becomes the program, so signals reach it. */
  start(host: string, name: string, binary: string, args: string[]): Program {
    // Test files run side by side; their logs must not meet in one file.
    return Program.start(`${this.run}-${name}`, ["netns", "exec", this.host(host).namespace, binary, ...args], "ip");
  }

  async change(change: Change): Promise<void> {
    const answer = JSON.parse(await this.#ask(JSON.stringify(change))) as { ok: boolean; error?: string };
    if (!answer.ok) throw new Error(answer.error);
  }

  async stats(): Promise<RouterStats> {
    return (JSON.parse(await this.#ask("stats")) as { stats: RouterStats }).stats;
  }

  async close(): Promise<void> {
    this.#router.stdin.end();
    await this.#ended;
  }

  #ask(line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#answers.push(resolve);
      this.#router.stdin.write(`${line}\n`, (error) => error && reject(error));
    });
  }
}

/** Why no box can be made here, in a sentence; nothing when it can. The router knows best: it is asked to make one. */
export function whyNotHere(): string | undefined {
  const scenario = path.join(artifactsPath, "netbox-probe.json");
  mkdirSync(artifactsPath, { recursive: true });
  writeFileSync(scenario, '{"sites": [{"name": "probe"}]}');
  // Its standard input is at its end, so it stops as soon as it is ready.
  const { status, stderr, error } = spawnSync(routerPath, [scenario, "--run", `netbox${process.pid}-probe`], { input: "", encoding: "utf8" });
  if (error) return `${routerPath} does not run: ${error.message}. Build it first: make`;
  return status === 0 ? undefined : stderr.trim();
}

export const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, "utf8")) as T;
