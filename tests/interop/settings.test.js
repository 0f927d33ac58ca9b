import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { startServer } from "./server.js";

const limit = { timeout: 120_000 };
const folder = mkdtempSync(path.join(tmpdir(), "p2p-stream-settings-"));
after(() => rmSync(folder, { recursive: true }));

test("a flag beats the environment, the environment the file, and the log says which file it was", limit, async () => {
  const file = path.join(folder, "settings.toml");
  writeFileSync(file, 'allowed-origins = ["https://file.example"]\nmetrics-listen = "127.0.0.1:0"\nlog-level = "off"\n');
  const allowed = async (server, origin) => (await fetch(`${server.url}/healthz`, { headers: { Origin: origin } })).status === 200;
  const byFile = await startServer({ level: "info", env: { P2P_STREAM_CONFIG: file } });
  assert.equal(await allowed(byFile, "https://file.example"), true);
  assert.ok(byFile.said.some((line) => line.startsWith("metrics on port")));
  await byFile.stop();
  assert.ok(byFile.log.includes(`settings from ${file}`), byFile.log);
  const byEnvironment = await startServer({ env: { P2P_STREAM_CONFIG: file, ALLOWED_ORIGINS: "https://environment.example" } });
  assert.equal(await allowed(byEnvironment, "https://file.example"), false);
  assert.equal(await allowed(byEnvironment, "https://environment.example"), true);
  await byEnvironment.stop();
  const byFlag = await startServer({
    flags: ["--config", file, "--allowed-origins", "https://flag.example"],
    env: { ALLOWED_ORIGINS: "https://environment.example" },
  });
  assert.equal(await allowed(byFlag, "https://environment.example"), false);
  assert.equal(await allowed(byFlag, "https://flag.example"), true);
  await byFlag.stop();
});

test("secrets come from the file, which others should not read, and appear in no log", limit, async () => {
  const file = path.join(folder, "secret.toml");
  writeFileSync(file, 'turn-server-url = "turn:turn.example"\nturn-secret = "hunter2"\n');
  chmodSync(file, 0o644);
  const server = await startServer({ level: "debug", flags: ["--config", file] });
  await server.stop();
  assert.match(server.log, /secret\.toml holds a secret and may be read by every user/);
  assert.ok(!server.log.includes("hunter2"));
  chmodSync(file, 0o600);
  const quiet = await startServer({ level: "warn", flags: ["--config", file] });
  await quiet.stop();
  assert.equal(quiet.log, "");
});

test("in production logs are JSON", limit, async () => {
  const server = await startServer({ level: "info", env: { NODE_ENV: "production" } });
  await server.stop();
  for (const line of server.log.trim().split("\n")) assert.equal(JSON.parse(line).level, "info");
});
