import { spawn } from "node:child_process";
import { once } from "node:events";
import { programPath } from "./server.js";

/** What `p2p-stream doctor` finds: its exit code, and `checks`, `failed` and `warnings` of its JSON. */
export async function doctor(args, env = {}) {
  const child = spawn(programPath, ["doctor", "--json", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, P2P_STREAM_CONFIG: "/dev/null", ...env },
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more) => (text += more));
  const [code] = await once(child, "close");
  return { code, ...JSON.parse(text) };
}
