import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import path from "node:path";

/** A port that nobody had a moment ago: for programs that cannot be told to take any. */
export async function freePort() {
  const server = createServer().listen(0, "0.0.0.0");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A certificate for localhost in the folder. */
export function makeCertificate(folder) {
  const [certificate, key] = [path.join(folder, "cert.pem"), path.join(folder, "key.pem")];
  const names = "subjectAltName=DNS:localhost,IP:127.0.0.1";
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  execFileSync(
    "openssl",
    ["req", "-x509", ...curve, "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", names, "-keyout", key, "-out", certificate],
    {
      stdio: "ignore",
    },
  );
  return { certificate, key };
}

/** Resolves once a program takes connections at a port of this machine, with a promise of its end; rejects if it ends before. */
export async function whenListening(child, port, log) {
  const exited = once(child, "close");
  let ended = false;
  void exited.then(() => (ended = true));
  for (;;) {
    if (ended) throw new Error(`${child.spawnfile} did not start: ${log()}`);
    const socket = connect(port, "127.0.0.1");
    const open = await new Promise((resolve) => socket.on("connect", () => resolve(true)).on("error", () => resolve(false)));
    socket.destroy();
    if (open) return { exited };
  }
}
