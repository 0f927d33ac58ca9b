import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** Ours; socket.io as it comes; socket.io with what its documentation advises for speed. */
export type Side = "ours" | "socketio" | "socketio_tuned";

export interface Running {
  pid: number;
  port: number;
  /** Ends it and says with which code it ended. */
  stop(): Promise<number | null>;
}

/** The server keeps to one processor, the load to the other: what one core carries is asked. */
export const onProcessor = (processor: number, command: string[]) => ["taskset", "-c", String(processor), ...command];

async function listening(child: ChildProcess): Promise<Running> {
  const exited = once(child, "exit");
  const line = once(createInterface({ input: child.stdout! }), "line");
  const first = (await Promise.race([line, exited.then(() => Promise.reject(new Error("the server did not start")))])) as [string];
  const port = Number(/listening on http:\/\/localhost:(\d+)/.exec(first[0])?.[1]);
  return {
    pid: child.pid!,
    port,
    async stop() {
      child.kill("SIGTERM");
      return ((await exited) as [number | null])[0];
    },
  };
}

/** `taskset` becomes the program it starts, so the process is the server itself. */
export function start(side: Side, program = path.join(root, "build/bin/p2p-stream")): Promise<Running> {
  const stdio: ["ignore", "pipe", "inherit"] = ["ignore", "pipe", "inherit"];
  if (side === "ours") {
    const [command, ...rest] = onProcessor(0, [program, "serve", "--host", "127.0.0.1", "--port", "0", "--log-level", "warn"]);
    return listening(spawn(command!, rest, { stdio }));
  }
  const tuned = side === "socketio_tuned";
  const [command, ...rest] = onProcessor(0, [process.execPath, path.join(root, "bench/signaling/node/server.js")]);
  const env = { ...process.env, NODE_ENV: "production", ...(tuned ? { BENCH_TUNED: "1" } : { WS_NO_BUFFER_UTIL: "1" }) };
  return listening(spawn(command!, rest, { stdio, env }));
}
