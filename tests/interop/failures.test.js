import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { ask, connect, create, join, makeKey, makeSecret, next, peerIdOf, ways } from "./client.js";
import { startServer } from "./server.js";

const limit = { timeout: 120_000 };

for (const [way, options] of Object.entries(ways)) {
  test(`${way}: clients come back after the server was killed`, limit, async () => {
    let server = await startServer();
    const key = makeKey();
    const [sourceSecret, viewerSecret] = [makeSecret(), makeSecret()];
    const source = await connect(server.url, options);
    const viewer = await connect(server.url, options);
    await create(source, key, { secret: sourceSecret });
    await join(viewer, key.streamId, { secret: viewerSecret });
    const lost = Promise.all([once(source, "disconnect"), once(viewer, "disconnect")]);
    const back = Promise.all([next(source, "hello"), next(viewer, "hello")]);
    await server.stop("SIGKILL");
    if (way !== "polling only") await lost;
    server = await startServer({ port: server.port });
    await back;
    const created = await create(source, key, { secret: sourceSecret });
    assert.equal(created.streamId, key.streamId, "the link stays the same");
    const joined = await join(viewer, key.streamId, { secret: viewerSecret });
    assert.equal(joined.peerId, peerIdOf(viewerSecret), "under the old name");
    assert.equal(joined.sourcePeerId, created.peerId);
    source.close();
    viewer.close();
    await server.stop();
  });
}

test("a source that loses its connection is shown as away and may come back", limit, async () => {
  const server = await startServer();
  const key = makeKey();
  const secret = makeSecret();
  const source = await connect(server.url, ways["WebSocket only"]);
  const viewer = await connect(server.url, ways["WebSocket only"]);
  await create(source, key, { secret });
  await join(viewer, key.streamId);
  const away = next(viewer, "stream:source");
  source.io.engine.transport.ws.terminate?.() ?? source.io.engine.close();
  assert.equal((await away).online, false);
  source.close();
  const again = await connect(server.url, ways["WebSocket only"]);
  const back = next(viewer, "stream:source");
  assert.equal((await create(again, key, { secret })).resumed, true);
  assert.equal((await back).online, true);
  for (const socket of [viewer, again]) socket.close();
  await server.stop();
});

/** A WebSocket of our own that may say anything; `closed` gives everything that came. */
async function rawSocket(server, path = "/socket.io/?EIO=4&transport=websocket") {
  const socket = connectTcp(server.port, "127.0.0.1");
  const chunks = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => {});
  const closed = once(socket, "close").then(() => Buffer.concat(chunks));
  const key = randomBytes(16).toString("base64");
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  while (!Buffer.concat(chunks).includes("\r\n\r\n")) await once(socket, "data");
  return { socket, closed };
}

/** A client's frame with a mask of zeros. */
function frame(payload, opcode = 1) {
  const body = Buffer.from(payload);
  const head = body.length < 126 ? Buffer.from([0x80 | opcode, 0x80 | body.length]) : Buffer.alloc(8);
  if (body.length >= 126 && body.length < 65_536) {
    head.writeUInt8(0x80 | opcode, 0);
    head.writeUInt8(0xfe, 1);
    head.writeUInt16BE(body.length, 2);
    return Buffer.concat([head.subarray(0, 4), Buffer.alloc(4), body]);
  }
  if (body.length >= 65_536) {
    const long = Buffer.alloc(10);
    long.writeUInt8(0x80 | opcode, 0);
    long.writeUInt8(0xff, 1);
    long.writeBigUInt64BE(BigInt(body.length), 2);
    return Buffer.concat([long, Buffer.alloc(4), body]);
  }
  return Buffer.concat([head, Buffer.alloc(4), body]);
}

test("hostile messages end their own connection and disturb nobody else", limit, async () => {
  const server = await startServer();
  const honest = await connect(server.url, ways["WebSocket only"]);
  let disconnected = false;
  honest.on("disconnect", () => (disconnected = true));
  const hostile = {
    "a message of more than 64 KiB": [frame("40"), frame("42" + JSON.stringify(["x", "y".repeat(70_000)]))],
    "an announced giant": [Buffer.from([0x81, 0xff, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    "text that is not UTF-8": [frame(Buffer.from([0x34, 0xff, 0xfe]))],
    "an unmasked frame": [Buffer.from([0x81, 0x01, 0x34])],
    "an unknown packet": [frame("9")],
    "an event before CONNECT": [frame('42["streams:watch",{}]')],
    "two CONNECTs": [frame("40"), frame("40")],
    "broken JSON": [frame("40"), frame('42["streams:watch",{]')],
    "deep JSON": [frame("40"), frame(`42["streams:watch",${"[".repeat(10_000)}${"]".repeat(10_000)}]`)],
    "an event without a name": [frame("40"), frame("42[]")],
    "a reserved event": [frame("40"), frame('42["disconnect"]')],
    "stray bytes": [frame("40"), frame(Buffer.from([1, 2, 3]), 2)],
    "a ping of Engine.IO": [frame("2")],
  };
  for (const [name, frames] of Object.entries(hostile)) {
    const { socket, closed } = await rawSocket(server);
    for (const bytes of frames) socket.write(bytes);
    await closed;
    assert.equal((await ask(honest, "candidates")).error.code, "not-a-member", name);
  }
  assert.equal(disconnected, false);
  honest.close();
  await server.stop();
});

test("a slow reader is cut off and the others get everything", limit, async () => {
  const server = await startServer();
  const key = makeKey();
  const source = await connect(server.url, ways["WebSocket only"]);
  const created = await create(source, key);
  const { socket: slow, closed } = await rawSocket(server);
  const secret = makeSecret();
  slow.write(frame("40"));
  slow.write(frame('420["stream:join",' + JSON.stringify({ streamId: key.streamId, peerSecret: secret, giving: true }) + "]"));
  const seen = [];
  slow.on("data", (chunk) => seen.push(chunk));
  while (!Buffer.concat(seen).includes('430[{"ok":true')) await once(slow, "data");
  slow.pause();
  const other = await connect(server.url, ways["WebSocket only"]);
  const joined = await join(other, key.streamId);
  assert.equal(joined.ok, true);
  const data = { type: "offer", sdp: "x".repeat(15_000) };
  // At the permitted rate until the server gives the slow reader up; what the kernel takes before differs from machine to machine.
  let refused;
  for (let i = 0; !refused && i < 3_000; ++i) {
    const answer = await ask(source, "signal", { to: peerIdOf(secret), data });
    if (answer.error?.code === "rate-limited") await new Promise((resolve) => setTimeout(resolve, 50));
    else if (!answer.ok) refused = answer.error.code;
  }
  assert.equal(refused, "no-such-peer", "it was cut off");
  const heard = next(other, "signal");
  let sent = await ask(source, "signal", { to: joined.peerId, data });
  while (sent.error?.code === "rate-limited") {
    await new Promise((resolve) => setTimeout(resolve, 50));
    sent = await ask(source, "signal", { to: joined.peerId, data });
  }
  assert.equal((await heard).from, created.peerId);
  slow.resume();
  await closed;
  source.close();
  other.close();
  await server.stop();
});

test("pages of other origins may connect only where they are allowed", limit, async () => {
  const poll = (server, origin, init = {}) => fetch(`${server.url}/socket.io/?EIO=4&transport=polling`, { ...init, headers: { Origin: origin } });
  const strict = await startServer();
  assert.equal((await poll(strict, "https://evil.example")).status, 403);
  assert.equal((await poll(strict, strict.url)).status, 200);
  await strict.stop();
  const open = await startServer({ flags: ["--allowed-origins", "https://friend.example,https://other.example"] });
  const allowed = await poll(open, "https://friend.example");
  assert.equal(allowed.status, 200);
  assert.equal(allowed.headers.get("access-control-allow-origin"), "https://friend.example");
  assert.equal((await poll(open, "https://friend.example", { method: "OPTIONS" })).status, 204);
  assert.equal((await poll(open, "https://friend.example.evil")).status, 403);
  await open.stop();
});

test("requests outside of the protocol are told so", limit, async () => {
  const server = await startServer();
  const get = async (query, init) => {
    const response = await fetch(`${server.url}/socket.io/?${query}`, init);
    return [response.status, (await response.json()).code];
  };
  assert.deepEqual(await get("EIO=3&transport=polling"), [400, 5]);
  assert.deepEqual(await get("EIO=4&transport=carrier-pigeon"), [400, 0]);
  assert.deepEqual(await get("EIO=4&transport=polling&sid=abc"), [400, 1]);
  assert.deepEqual(await get("EIO=4&transport=polling", { method: "POST", body: "x" }), [400, 2]);
  assert.deepEqual(await get("EIO=4&transport=websocket"), [400, 3]);
  const opened = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`);
  const { sid, maxPayload } = JSON.parse((await opened.text()).slice(1));
  assert.equal(maxPayload, 65_536);
  const huge = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`, { method: "POST", body: "4".repeat(200_000) });
  assert.equal(huge.status, 413);
  await server.stop();
});
