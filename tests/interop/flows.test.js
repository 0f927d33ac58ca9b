import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { ask, connect, create, join, makeKey, makeSecret, next, peerIdOf, ways } from "./client.js";
import { startServer } from "./server.js";

const offer = { type: "offer", sdp: "v=0\r\n" + "a=x\r\n".repeat(300) };

for (const [way, options] of Object.entries(ways)) {
  describe(way, { timeout: 120_000 }, () => {
    let server;
    const open = [];
    const client = async (more = {}) => {
      const socket = await connect(server.url, { ...options, ...more });
      open.push(socket);
      return socket;
    };
    before(async () => {
      server = await startServer({ flags: ["--ice-servers", "stun:stun.example.org:3478"] });
    });
    after(async () => {
      for (const socket of open) socket.close();
      assert.equal(await server.stop(), 0, "a clean end on SIGTERM");
    });

    test("greets with version, nonce and ICE servers", async () => {
      const one = await client();
      const two = await client();
      assert.equal(one.hello.version, 1);
      assert.match(one.hello.nonce, /^[0-9a-f]{64}$/);
      assert.notEqual(one.hello.nonce, two.hello.nonce);
      assert.deepEqual(one.hello.iceServers, [{ urls: ["stun:stun.example.org:3478"] }]);
    });

    test("uses the transport that was asked for", async () => {
      const socket = await client();
      const engine = socket.io.engine;
      if (way === "polling, then upgrade" && engine.transport.name !== "websocket") await once(engine, "upgrade");
      assert.equal(engine.transport.name, way === "polling only" ? "polling" : "websocket");
      assert.equal((await ask(socket, "streams:watch")).ok, true);
    });

    test("creates, joins, signals both ways, updates and ends", async () => {
      const [source, viewer, other] = [await client(), await client(), await client()];
      const key = makeKey();
      const sourceSecret = makeSecret();
      const viewerSecret = makeSecret();
      const created = await create(source, key, { title: "Grüße 🎥", secret: sourceSecret });
      assert.deepEqual(created, {
        ok: true,
        streamId: key.streamId,
        peerId: peerIdOf(sourceSecret),
        resumed: false,
        iceServers: source.hello.iceServers,
      });
      assert.deepEqual(await ask(source, "ice:servers"), { ok: true, iceServers: source.hello.iceServers });
      assert.equal((await ask(other, "ice:servers")).error.code, "not-a-member");

      const joined = await join(viewer, key.streamId, { secret: viewerSecret });
      assert.equal(joined.ok, true);
      assert.equal(joined.peerId, peerIdOf(viewerSecret));
      assert.equal(joined.sourcePeerId, created.peerId);
      assert.equal(joined.publicKey, key.publicKey);
      assert.equal(joined.stream.title, "Grüße 🎥");
      assert.deepEqual(joined.candidates, []);
      const third = await join(other, key.streamId);
      assert.deepEqual(
        third.candidates.map((candidate) => candidate.peerId),
        [joined.peerId],
      );

      const atSource = next(source, "signal");
      assert.deepEqual(await ask(viewer, "signal", { to: joined.sourcePeerId, data: offer }), { ok: true });
      assert.deepEqual(await atSource, { from: joined.peerId, network: 0, data: offer });
      const atViewer = next(viewer, "signal");
      const candidate = { type: "candidate", candidate: "candidate:1 1 UDP 1 192.0.2.1 9 typ host", mid: "0" };
      assert.deepEqual(await ask(source, "signal", { to: joined.peerId, data: candidate }), { ok: true });
      assert.deepEqual(await atViewer, { from: created.peerId, network: 0, data: candidate });

      const report = await ask(viewer, "report", {
        uploadBitsPerS: 5e6,
        uploadUsedBitsPerS: 0,
        latencyMs: 12.5,
        bufferMs: 800,
        hop: 1,
        receiving: true,
        neighbors: [{ peerId: created.peerId, receivedBytes: 1000, failedPieces: 0, rttMs: 20 }],
      });
      assert.equal(report.ok, true);
      assert.ok(report.score >= 0 && report.score <= 100);
      const again = await ask(other, "candidates", { exclude: [] });
      assert.equal(again.candidates[0].receiving, true);
      assert.deepEqual((await ask(other, "candidates", { exclude: [joined.peerId] })).candidates, []);

      assert.deepEqual(await ask(source, "stream:update", { title: "quay" }), { ok: true });
      const ended = next(viewer, "stream:ended");
      assert.deepEqual(await ask(source, "stream:end"), { ok: true });
      assert.deepEqual(await ended, { streamId: key.streamId, reason: "ended" });
      assert.equal((await join(viewer, key.streamId)).error.code, "no-such-stream");
    });

    test("tells watchers of the list what changes", async () => {
      const [watcher, source, viewer] = [await client(), await client(), await client()];
      const key = makeKey();
      await ask(watcher, "streams:watch");
      const has = (list) => (delta) => delta[list].some((entry) => (entry.id ?? entry) === key.streamId);
      const added = next(watcher, "streams:delta", has("added"));
      await create(source, key);
      assert.equal((await added).added.find((stream) => stream.id === key.streamId).title, "harbor");
      const updated = next(watcher, "streams:delta", (delta) => delta.updated.some((stream) => stream.id === key.streamId && stream.viewers === 1));
      await join(viewer, key.streamId);
      await updated;
      const listed = (await ask(viewer, "streams:watch")).streams.find((stream) => stream.id === key.streamId);
      assert.equal(listed.viewers, 1);
      assert.ok(Math.abs(listed.startedAt - Date.now()) < 120_000);
      const removed = next(watcher, "streams:delta", has("removed"));
      await ask(source, "stream:end");
      await removed;
    });

    test("hands a live stream over to the right key only", async () => {
      const [source, thief, second, viewer] = [await client(), await client(), await client(), await client()];
      const key = makeKey();
      await create(source, key);
      await join(viewer, key.streamId);
      const wrong = makeKey();
      const stolen = await ask(thief, "stream:create", {
        publicKey: key.publicKey,
        signature: wrong.sign(thief.hello.nonce),
        title: "mine",
        peerSecret: makeSecret(),
      });
      assert.equal(stolen.error.code, "bad-signature");
      const replayed = await ask(thief, "stream:create", {
        publicKey: key.publicKey,
        signature: key.sign(source.hello.nonce),
        title: "mine",
        peerSecret: makeSecret(),
      });
      assert.equal(replayed.error.code, "bad-signature", "another connection's nonce");
      const replaced = next(source, "stream:replaced");
      const left = once(source, "disconnect");
      const news = next(viewer, "stream:source");
      const resumed = await create(second, key);
      assert.equal(resumed.resumed, true);
      assert.deepEqual(await replaced, { streamId: key.streamId });
      assert.equal((await left)[0], "io server disconnect", "told to leave: it does not come back by itself");
      assert.deepEqual(await news, { streamId: key.streamId, online: true, sourcePeerId: resumed.peerId });
    });

    test("refuses what is not well-formed, and says why", async () => {
      const socket = await client();
      const key = makeKey();
      const cases = [
        ["stream:create", {}],
        ["stream:create", "text"],
        ["stream:create", null],
        ["stream:create", { publicKey: key.publicKey, signature: key.sign(socket.hello.nonce), title: "", peerSecret: makeSecret() }],
        ["stream:create", { publicKey: key.publicKey, signature: key.sign(socket.hello.nonce), title: "a\nb", peerSecret: makeSecret() }],
        ["stream:create", { publicKey: key.publicKey, signature: key.sign(socket.hello.nonce), title: "x".repeat(121), peerSecret: makeSecret() }],
        ["stream:create", { publicKey: key.publicKey.toUpperCase(), signature: key.sign(socket.hello.nonce), title: "x", peerSecret: makeSecret() }],
        ["stream:join", { streamId: "../../etc/passwd", peerSecret: makeSecret() }],
        ["stream:join", { streamId: key.streamId, peerSecret: 5 }],
        ["signal", { to: "0".repeat(16), data: { type: "offer", sdp: "x".repeat(16 * 1024 + 1) } }],
        ["signal", { to: "0".repeat(16), data: { type: "virus" } }],
        ["report", { uploadBitsPerS: -1 }],
        ["report", { neighbors: Array(33).fill({ peerId: "0".repeat(16) }) }],
        ["candidates", { exclude: Array(65).fill("0".repeat(16)) }],
      ];
      for (const [event, request] of cases) {
        const answer = await ask(socket, event, request);
        assert.equal(answer.error?.code, "bad-request", `${event} ${JSON.stringify(request)?.slice(0, 60)}`);
        assert.ok(answer.error.message.length > 10);
      }
      assert.equal((await ask(socket, "format:disk")).error.code, "unknown-event");
      assert.equal((await ask(socket, "candidates")).error.code, "not-a-member");
      assert.equal((await ask(socket, "stream:end")).error.code, "not-the-source");
      assert.equal((await join(socket, "0".repeat(20))).error.code, "no-such-stream");
    });

    test("limits how often a connection may ask", async () => {
      const [busy, calm] = [await client(), await client()];
      const answers = await Promise.all(Array.from({ length: 200 }, () => ask(busy, "candidates")));
      assert.ok(answers.some((answer) => answer.error.code === "rate-limited"));
      assert.ok(answers.filter((answer) => answer.error.code === "not-a-member").length >= 60);
      assert.equal((await ask(calm, "candidates")).error.code, "not-a-member");
    });
  });
}
