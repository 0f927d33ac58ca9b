import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const program = process.env.P2P_STREAM_BIN ?? fileURLToPath(new URL("../../build/bin/p2p-stream", import.meta.url));

/** A running server; `port` 0 takes any that is free. */
export async function startServer({ port = 0, flags = [] } = {}) {
  const child = spawn(program, ["serve", "--port", String(port), "--host", "127.0.0.1", "--turn", "off", "--log-level", "warn", ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([once(lines, "line"), exited.then(() => Promise.reject(new Error("the server did not start")))]);
  const chosen = Number(/listening on http:\/\/localhost:(\d+)/.exec(line)[1]);
  return {
    port: chosen,
    url: `http://127.0.0.1:${chosen}`,
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      const [code] = await exited;
      return code;
    },
  };
}
