import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { artifactsPath } from "../../e2e/src/program.ts";
import type { Netbox } from "./netbox.ts";

/** Debian's coturn; P2P_COTURN names another. */
const coturnPath = process.env.P2P_COTURN ?? "/usr/bin/turnserver";

/** The real TURN server on a host of the box, with time-limited credentials: UDP and TCP on 3478, TLS on 5349. */
export async function startCoturn(box: Netbox, host: string, secret: string): Promise<{ address: string }> {
  const { address } = box.host(host);
  const folder = path.join(artifactsPath, `${box.run}-coturn`);
  mkdirSync(folder, { recursive: true });
  const key = path.join(folder, "key.pem");
  const certificate = path.join(folder, "certificate.pem");
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "2",
      "-subj",
      `/CN=${address}`,
      "-addext",
      `subjectAltName=IP:${address}`,
      "-keyout",
      key,
      "-out",
      certificate,
    ],
    { stdio: "ignore" },
  );
  chmodSync(key, 0o644);
  const configuration = path.join(folder, "turnserver.conf");
  writeFileSync(
    configuration,
    [
      `listening-ip=${address}`,
      `relay-ip=${address}`,
      "listening-port=3478",
      "tls-listening-port=5349",
      "use-auth-secret",
      `static-auth-secret=${secret}`,
      "realm=netbox",
      `cert=${certificate}`,
      `pkey=${key}`,
      "no-cli",
      "no-dtls",
      "log-file=stdout",
      "simple-log",
      "verbose",
      `userdb=${path.join(folder, "users.db")}`,
      `pidfile=${path.join(folder, "pid")}`,
      "proc-user=root",
      "proc-group=root",
    ].join("\n"),
  );
  const coturn = box.start(host, `coturn-${host}`, coturnPath, ["-c", configuration]);
  await coturn.says(/TCP listener opened on : [\d.]+:5349/);
  return { address };
}
