import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const programPath = process.env.P2P_STREAM_BIN ?? fileURLToPath(new URL("../../build/bin/p2p-stream", import.meta.url));

/** A running server; `port` 0 takes any that is free. `log` has what it wrote to standard error. */
export async function startServer({ port = 0, level = "warn", turn = "off", flags = [], env = {} } = {}) {
  const child = spawn(programPath, ["serve", "--port", String(port), "--host", "127.0.0.1", "--turn", turn, "--log-level", level, ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, P2P_STREAM_CONFIG: "/dev/null", ...env },
  });
  const exited = once(child, "close");
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (log += text));
  const said = [];
  const lines = createInterface({ input: child.stdout });
  const listening = new Promise((resolve) => {
    lines.on("line", (line) => {
      said.push(line);
      const match = /listening on (https?):\/\/localhost:(\d+)/.exec(line);
      if (match) resolve(match);
    });
  });
  const [, scheme, chosen] = await Promise.race([listening, exited.then(() => Promise.reject(new Error(`the server did not start: ${log}`)))]);
  return {
    port: Number(chosen),
    url: `${scheme}://127.0.0.1:${chosen}`,
    /** The lines that it printed before it listened. */
    said,
    get log() {
      return log;
    },
    /** For SIGHUP. */
    signal: (signal) => child.kill(signal),
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      const [code] = await exited;
      return code;
    },
  };
}
