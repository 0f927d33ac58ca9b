import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { once } from "node:events";
import { ask, connect, create, join, makeKey, makeSecret, next, peerIdOf, ways } from "./client.js";
import { startServer } from "./server.js";

const limit = { timeout: 120_000 };
const folder = mkdtempSync(path.join(tmpdir(), "p2p-stream-tls-"));
after(() => rmSync(folder, { recursive: true }));

/** A self-signed server that keeps its certificate in a folder of its own, which is also where the certificate is to be had. */
async function startTls(name, options = {}) {
  const server = await startServer({ env: { XDG_STATE_HOME: path.join(folder, name), TLS: "self-signed" }, ...options });
  return { server, pem: readFileSync(path.join(folder, name, "p2p-stream/self-signed.pem"), "utf8") };
}

/** What the server shows in a handshake. */
async function handshake(server, options = {}) {
  const socket = connectTls({ port: server.port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
  await once(socket, "secureConnect");
  const seen = { protocol: socket.getProtocol(), alpn: socket.alpnProtocol, fingerprint: socket.getPeerX509Certificate()?.fingerprint256 };
  socket.destroy();
  return seen;
}

for (const [way, options] of Object.entries(ways)) {
  test(`over TLS, ${way}: signals arrive`, limit, async () => {
    const { server, pem } = await startTls(`signals-${way}`.replaceAll(/\W+/g, "-"));
    assert.match(server.url, /^https:/);
    const key = makeKey();
    const [source, viewer] = await Promise.all([connect(server.url, { ...options, ca: pem }), connect(server.url, { ...options, ca: pem })]);
    await create(source, key);
    const secret = makeSecret();
    assert.equal((await join(viewer, key.streamId, { secret })).ok, true);
    for (const length of [1, 1_500, 16_000]) {
      const heard = next(viewer, "signal");
      await ask(source, "signal", { to: peerIdOf(secret), data: { type: "offer", sdp: "x".repeat(length) } });
      assert.equal((await heard).data.sdp.length, length);
    }
    for (const socket of [source, viewer]) socket.close();
    assert.equal(await server.stop(), 0);
  });
}

test("TLS is 1.2 or newer, for HTTP/1.1, with the certificate whose fingerprint was printed", limit, async () => {
  const { server, pem } = await startTls("versions");
  const printed = /fingerprint \(SHA-256\) (\S+)/.exec(server.said.join("\n"))[1];
  assert.equal(printed, new X509Certificate(pem).fingerprint256);
  assert.deepEqual(await handshake(server, { ALPNProtocols: ["h2", "http/1.1"] }), { protocol: "TLSv1.3", alpn: "http/1.1", fingerprint: printed });
  assert.equal((await handshake(server, { maxVersion: "TLSv1.2" })).protocol, "TLSv1.2");
  await assert.rejects(handshake(server, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }));
  await assert.rejects(handshake(server, { ALPNProtocols: ["h2"] }));
  const names = new X509Certificate(pem).subjectAltName;
  for (const name of ["DNS:localhost", "IP Address:127.0.0.1"]) assert.ok(names.includes(name), names);
  await server.stop();
  const again = await startTls("versions");
  assert.equal(again.pem, pem, "kept for the next run");
  await again.server.stop();
});

test("a new certificate is taken without a connection lost, and a bad one is not taken", limit, async () => {
  const pems = {};
  for (const name of ["one", "two"]) {
    const { server, pem } = await startTls(name);
    pems[name] = pem;
    await server.stop();
  }
  const [certificate, key] = [path.join(folder, "cert.pem"), path.join(folder, "key.pem")];
  const put = (text) => {
    for (const file of [certificate, key]) {
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
    }
  };
  put(pems.one);
  const server = await startServer({ level: "info", env: { TLS_CERT: certificate, TLS_KEY: key } });
  const fingerprint = (name) => new X509Certificate(pems[name]).fingerprint256;
  const stays = await connect(server.url, { ...ways["WebSocket only"], ca: pems.one });
  let lost = false;
  stays.on("disconnect", () => (lost = true));
  assert.equal((await handshake(server)).fingerprint, fingerprint("one"));
  const until = async (fits) => {
    while (!(await fits()))
      await new Promise((resolve) => get(`${server.url}/healthz`, { rejectUnauthorized: false }, (r) => r.resume().on("end", resolve)));
  };
  put("no certificate");
  server.signal("SIGHUP");
  await until(() => /There is no certificate in .* The old certificate stays in use\./.test(server.log));
  assert.equal((await handshake(server)).fingerprint, fingerprint("one"));
  put(pems.two);
  server.signal("SIGHUP");
  await until(async () => (await handshake(server)).fingerprint === fingerprint("two"));
  put(pems.one); // and without a signal
  await until(async () => (await handshake(server)).fingerprint === fingerprint("one"));
  assert.equal((await ask(stays, "candidates")).error.code, "not-a-member");
  assert.equal(lost, false);
  stays.close();
  await server.stop();
  assert.ok(!server.log.includes("PRIVATE KEY"));
});

test("what cannot be TLS is a sentence", limit, async () => {
  const refused = (flags) => assert.rejects(startServer({ flags }));
  await assert.rejects(startServer({ flags: ["--tls-cert", "/nowhere.pem"] }), /give both --tls-cert and --tls-key/);
  await assert.rejects(startServer({ flags: ["--tls-cert", "/nowhere.pem", "--tls-key", "/nowhere.key"] }), /cannot be read. Give --tls-cert a file/);
  await refused(["--tls", "letsencrypt"]);
});
