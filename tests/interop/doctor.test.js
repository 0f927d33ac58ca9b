import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { doctor } from "./doctor.js";
import { freePort, makeCertificate, whenListening } from "./programs.js";
import { startServer } from "./server.js";

const folder = mkdtempSync(path.join(tmpdir(), "p2p-stream-doctor-"));
after(() => rmSync(folder, { recursive: true }));

const limit = { timeout: 120_000 };
const coturn = process.env.P2P_COTURN ?? "/usr/bin/turnserver";

/** The real TURN server on loopback: UDP and TCP at one port, TLS at another, with time-limited credentials. */
async function startCoturn(secret) {
  const { certificate, key } = makeCertificate(folder);
  const ports = { plain: await freePort(), tls: await freePort() };
  const flags = [
    ...["-n", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", `--listening-port=${ports.plain}`, `--tls-listening-port=${ports.tls}`],
    ...["--use-auth-secret", `--static-auth-secret=${secret}`, "--realm=test", `--cert=${certificate}`, `--pkey=${key}`],
    ...["--no-cli", "--no-dtls", "--log-file=stdout", "--simple-log", `--userdb=${folder}/users.db`, `--pidfile=${folder}/turnserver.pid`],
  ];
  const child = spawn(coturn, flags, { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (log += text));
  const { exited } = await whenListening(child, ports.tls, () => log);
  return {
    urls: [`turn:127.0.0.1:${ports.plain}`, `turn:127.0.0.1:${ports.plain}?transport=tcp`, `turns:localhost:${ports.tls}?transport=tcp`],
    certificate,
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

test(
  "the doctor gets a relayed address from the real coturn over UDP, TCP and TLS",
  { ...limit, skip: existsSync(coturn) ? false : `${coturn} is not installed` },
  async () => {
    const server = await startCoturn("the right secret");
    const env = { TURN_SERVER_URL: server.urls.join(","), TURN_SECRET: "the right secret" };
    const good = await doctor(["--only", "turn", "--tls-ca", server.certificate], env);
    assert.equal(good.code, 0, JSON.stringify(good));
    assert.deepEqual(
      good.checks.map(({ text }) => /relays over (\w+), at 127\.0\.0\.1:/.exec(text)?.[1]),
      ["UDP", "TCP", "TLS"],
    );
    const distrusting = await doctor(["--only", "turn"], env);
    assert.deepEqual([distrusting.code, distrusting.failed], [1, 1]);
    assert.match(distrusting.checks[2].text, /offers no TLS connection that can be trusted/);
    const wrong = await doctor(["--only", "turn", "--tls-ca", server.certificate], { ...env, TURN_SECRET: "another" });
    assert.equal(wrong.failed, 3);
    for (const { text, advice } of wrong.checks) {
      assert.match(text, /refuses the credentials \(401\)\.$/);
      assert.match(advice, /static-auth-secret/);
    }
    await server.stop();
    const gone = await doctor(["--only", "turn"], { ...env, TURN_SERVER_URL: server.urls[1] });
    assert.match(gone.checks[0].text, /cannot be reached: connection refused/);
  },
);

test("the doctor is content with a server that runs, and asks the relay of which its members are told", limit, async () => {
  const server = await startServer({ turn: "on", flags: ["--turn-port", "0"] });
  const { code, failed, checks } = await doctor(["--url", server.url, "--time-from", server.url]);
  assert.deepEqual([code, failed], [0, 0], JSON.stringify(checks));
  for (const sentence of [/newcomers/, /polling/, /WebSocket comes through/, /A stream opens/, /relays over UDP/, /clock agrees/]) {
    assert.ok(
      checks.some(({ text }) => sentence.test(text)),
      String(sentence),
    );
  }
  const beside = await doctor(["--port", String(server.port), "--host", "127.0.0.1", "--only", "port"]);
  assert.match(beside.checks[0].text, /in use by a p2p-stream server/);
  await server.stop();
  assert.equal((await doctor(["--url", server.url, "--only", "health"])).code, 1);
});

test("the doctor fails settings with which the server would not start", limit, async () => {
  const file = path.join(folder, "settings.toml");
  writeFileSync(file, "prot = 3001\n");
  const unknown = await doctor(["--config", file]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.checks[0].text, /Did you mean port\?/);
  const { certificate } = makeCertificate(folder);
  const keyless = await doctor(["--tls-cert", certificate, "--tls-key", "/nowhere.key", "--only", "certificate"]);
  assert.match(keyless.checks[0].text, /\/nowhere\.key" cannot be read/);
});
