import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { Agent } from "node:https";
import { io } from "socket.io-client";
import { ask, connect, create, join, makeKey, makeSecret, next, peerIdOf, ways } from "./client.js";
import { lacking, proxyNames, startProxy } from "./proxy.js";
import { doctor } from "./doctor.js";
import { startServer } from "./server.js";

const folder = mkdtempSync(path.join(tmpdir(), "p2p-stream-proxies-"));
after(() => rmSync(folder, { recursive: true }));

/** An address of this machine that is not the proxies'. Without a network there is only another loopback address, which no limit counts. */
const outside = Object.values(networkInterfaces())
  .flat()
  .find(({ family, internal }) => family === "IPv4" && !internal);
const client = { address: outside?.address ?? "127.0.0.2", counted: outside !== undefined };

for (const name of proxyNames) {
  const options = { timeout: 120_000, skip: lacking(name) ?? false };

  test(`through ${name} over TLS: signals arrive by each transport, and the server sees who the clients are`, options, async () => {
    const server = await startServer({ level: "debug", flags: ["--trusted-proxies", "127.0.0.1"] });
    const proxy = await startProxy(name, path.join(folder, name), server.port);
    // What a client says of itself counts for nothing; limits by address count it under its own.
    const agent = new Agent({ localAddress: client.address, ca: proxy.ca, keepAlive: true });
    const claims = { "X-Forwarded-For": "203.0.113.77", Origin: proxy.url };
    for (const way of Object.values(ways)) {
      const key = makeKey();
      const source = await connect(proxy.url, { ...way, agent, ca: proxy.ca, extraHeaders: claims });
      const viewer = await connect(proxy.url, { ...way, ca: proxy.ca, extraHeaders: { Origin: proxy.url } });
      assert.equal((await create(source, key)).ok, true);
      const secret = makeSecret();
      assert.equal((await join(viewer, key.streamId, { secret })).ok, true);
      for (const length of [1, 16_000]) {
        const heard = next(viewer, "signal");
        await ask(source, "signal", { to: peerIdOf(secret), data: { type: "offer", sdp: "x".repeat(length) } });
        assert.equal((await heard).data.sdp.length, length);
      }
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      const remembered = Number(/^p2p_networks_remembered (\d+)/m.exec(metrics)[1]);
      assert.equal(remembered, client.counted ? 2 : 0, "its host and its site, and not the proxy's");
      for (const socket of [source, viewer]) socket.close();
    }
    agent.destroy();
    await proxy.stop();
    assert.equal(await server.stop(), 0);
    assert.ok(server.log.includes(`network=${client.address}\n`), "the client and not the proxy");
    assert.ok(!server.log.includes("203.0.113.77"), "a client's own word counted");
    assert.ok(!server.log.includes("--trusted-proxies"), server.log);
  });

  test(`through ${name}: pages of the server's own may connect, those of others may not`, options, async () => {
    const server = await startServer({ flags: ["--trusted-proxies", "127.0.0.1"] });
    const proxy = await startProxy(name, path.join(folder, `${name}-origin`), server.port);
    const own = await doctor(["--url", proxy.url, "--tls-ca", proxy.caFile, "--only", "health,polling,websocket"]);
    assert.deepEqual([own.code, own.failed], [0, 0], JSON.stringify(own));
    for (const way of Object.values(ways)) {
      const evil = io(proxy.url, { ...way, ca: proxy.ca, forceNew: true, reconnection: false, extraHeaders: { Origin: "https://evil.example" } });
      await once(evil, "connect_error");
      evil.close();
    }
    await proxy.stop();
    await server.stop();
  });
}
