import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { io } from "socket.io-client";
import { ask, connect, create, join, makeKey, makeSecret, next, peerIdOf, ways } from "./client.js";
import { startServer } from "./server.js";

const limit = { timeout: 120_000 };

/** The value of a metric, by its name with labels. */
const metric = (text, name) =>
  Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${name} `))
      ?.split(" ")[1],
  );

/**
 * Resolves once so many polls wait at the server for something to say and so many WebSockets are there. Each request of a client in Node has a
 * connection of its own, so what was accepted and is not answered yet is a poll.
 */
async function settled(metricsUrl, { polls, webSockets }) {
  for (;;) {
    const page = await (await fetch(metricsUrl)).text();
    const responses = ["1xx", "2xx", "3xx", "4xx", "5xx"].reduce((sum, of) => sum + metric(page, `p2p_http_responses_total{class="${of}"}`), 0);
    const waiting = metric(page, "p2p_sockets_accepted_total") - responses;
    const upgraded = metric(page, 'p2p_sessions{transport="websocket"}');
    if (metric(page, "p2p_sockets_silent") === 0 && waiting === polls && upgraded === webSockets) return;
  }
}

test("every path is closed to pages of other origins, and open to friends", limit, async () => {
  const server = await startServer({ flags: ["--allowed-origins", "https://friend.example"] });
  const paths = ["/", "/watch/0", "/nothing.js", "/healthz", "/readyz", "/socket.io/?EIO=4&transport=polling"];
  for (const path of paths) {
    const status = async (origin, init = {}) => (await fetch(server.url + path, { ...init, headers: origin ? { Origin: origin } : {} })).status;
    assert.equal(await status("https://evil.example"), 403, path);
    assert.equal(await status("https://evil.example", { method: "OPTIONS" }), 403, path);
    assert.equal(await status("null"), 403, path);
    assert.notEqual(await status("https://friend.example"), 403, path);
    assert.equal(await status("https://friend.example", { method: "OPTIONS" }), 204, path);
    assert.notEqual(await status(server.url), 403, path);
    assert.notEqual(await status(), 403, path);
    const friend = await fetch(server.url + path, { headers: { Origin: "https://friend.example" } });
    assert.equal(friend.headers.get("access-control-allow-origin"), "https://friend.example", path);
  }
  for (const options of Object.values(ways)) {
    const evil = io(server.url, { ...options, forceNew: true, reconnection: false, extraHeaders: { Origin: "https://evil.example" } });
    await once(evil, "connect_error");
    evil.close();
  }
  const friend = await connect(server.url, { ...ways["WebSocket only"], extraHeaders: { Origin: "https://friend.example" } });
  friend.close();
  await server.stop();
});

test("others never see the secrets of a connection", limit, async () => {
  const server = await startServer({ level: "debug" });
  const key = makeKey();
  const [sourceSecret, viewerSecret, otherSecret] = [makeSecret(), makeSecret(), makeSecret()];
  const received = new Map();
  const clients = {};
  for (const [name, way] of [
    ["source", "WebSocket only"],
    ["viewer", "polling, then upgrade"],
    ["other", "polling only"],
  ]) {
    const socket = await connect(server.url, ways[way]);
    received.set(name, []);
    socket.io.engine.on("packet", ({ data }) => received.get(name).push(String(data)));
    clients[name] = socket;
  }
  const { source, viewer, other } = clients;
  await ask(other, "streams:watch");
  const created = await create(source, key, { secret: sourceSecret });
  await join(viewer, key.streamId, { secret: viewerSecret });
  await join(other, key.streamId, { secret: otherSecret });
  const heard = next(other, "signal");
  const data = { type: "candidate", candidate: "c", mid: "0" };
  assert.equal((await ask(viewer, "signal", { to: peerIdOf(otherSecret), data })).ok, true);
  assert.equal((await heard).from, peerIdOf(viewerSecret));
  const away = next(other, "stream:source");
  const secrets = {
    source: [sourceSecret, source.id, source.io.engine.id],
    viewer: [viewerSecret, viewer.id, viewer.io.engine.id],
    other: [otherSecret, other.id, other.io.engine.id],
  };
  source.close();
  assert.equal((await away).sourcePeerId, created.peerId);
  for (const [of, texts] of Object.entries(secrets)) {
    for (const [by, packets] of received) {
      if (by === of) continue;
      for (const secret of texts) assert.ok(!packets.some((packet) => packet.includes(secret)), `${by} saw a secret of ${of}`);
    }
  }
  for (const socket of [viewer, other]) socket.close();
  await server.stop();
  assert.match(server.log, /a stream is live connection=1 stream=/);
  for (const secret of Object.values(secrets).flat()) assert.ok(!server.log.includes(secret), `the log holds ${secret}`);
  assert.ok(!server.log.includes(source.hello.nonce));
});

test("logs are objects a line where that is wanted, and show networks instead of addresses", limit, async () => {
  const turn = '[{"urls":["turn:turn.example"],"username":"u","credential":"hunter2"}]';
  const server = await startServer({ env: { LOG_FORMAT: "json", TRUSTED_PROXIES: "127.0.0.1" }, level: "info", flags: ["--ice-servers", turn] });
  const source = await connect(server.url, { ...ways["WebSocket only"], extraHeaders: { "X-Forwarded-For": "203.0.113.77" } });
  const created = await create(source, makeKey(), { title: 'a "title"' });
  assert.equal(created.iceServers[0].credential, "hunter2");
  source.close();
  await server.stop();
  const lines = server.log
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const live = lines.find(({ message }) => message === "a stream is live");
  assert.equal(live.level, "info");
  assert.equal(live.connection, 1);
  assert.ok(Date.parse(live.time) > 0);
  assert.ok(!server.log.includes("203.0.113.77"));
  assert.ok(!server.log.includes("hunter2"));
});

test("a proxy that was not named is told of once", limit, async () => {
  const server = await startServer();
  for (let i = 0; i < 3; ++i) await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers: { "X-Forwarded-For": "203.0.113.7" } });
  await server.stop();
  assert.equal(server.log.match(/--trusted-proxies/g)?.length, 1, server.log);
});

test("viewers behind a proxy are told apart by their networks", limit, async () => {
  const server = await startServer({ flags: ["--trusted-proxies", "127.0.0.1"] });
  const key = makeKey();
  const from = (address) => ({ ...ways["WebSocket only"], extraHeaders: { "X-Forwarded-For": address } });
  const source = await connect(server.url, from("198.51.100.1"));
  await create(source, key);
  const viewers = [];
  for (const address of ["203.0.113.1", "203.0.113.2", "203.0.114.1"]) {
    const socket = await connect(server.url, from(address));
    const secret = makeSecret();
    await join(socket, key.streamId, { secret });
    viewers.push({ socket, peerId: peerIdOf(secret) });
  }
  const { candidates } = await ask(source, "candidates");
  const networks = viewers.map(({ peerId }) => candidates.find((candidate) => candidate.peerId === peerId).network);
  assert.notEqual(networks[0], 0);
  assert.equal(networks[0], networks[1]);
  assert.notEqual(networks[0], networks[2]);
  for (const socket of [source, ...viewers.map(({ socket }) => socket)]) socket.close();
  await server.stop();
});

test("metrics count what happens and are shown to this machine only", limit, async () => {
  const server = await startServer();
  const key = makeKey();
  const source = await connect(server.url, ways["WebSocket only"]);
  const viewer = await connect(server.url, ways["polling only"]);
  const secret = makeSecret();
  await create(source, key);
  await join(viewer, key.streamId, { secret });
  await ask(source, "signal", { to: peerIdOf(secret), data: { type: "bye", reason: "" } });
  await ask(source, "nonsense");
  await ask(source, "stream:leave");
  await fetch(server.url, { headers: { Origin: "https://evil.example" } });
  const page = await (await fetch(`${server.url}/metrics`)).text();
  const expected = {
    p2p_streams: 1,
    'p2p_sessions{transport="websocket"}': 1,
    'p2p_sessions{transport="polling"}': 1,
    'p2p_members{role="source"}': 1,
    'p2p_events_total{event="signal"}': 1,
    'p2p_events_total{event="stream:join"}': 1,
    'p2p_events_total{event="unknown"}': 1,
    'p2p_event_errors_total{code="unknown-event"}': 1,
    'p2p_event_errors_total{code="not-a-member"}': 1,
    'p2p_turned_away_total{why="origin"}': 1,
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(metric(page, name), value, name);
  assert.ok(metric(page, "process_resident_memory_bytes") > 1e6);
  assert.ok(Math.abs(metric(page, "process_start_time_seconds") - Date.now() / 1_000) < 3_600);
  assert.ok(!page.includes(key.streamId) && !page.includes(peerIdOf(secret)));
  for (const headers of [{ "X-Forwarded-For": "203.0.113.7" }, { Via: "1.1 proxy" }]) {
    assert.equal((await fetch(`${server.url}/metrics`, { headers })).status, 404);
  }
  for (const socket of [source, viewer]) socket.close();
  await server.stop();

  const apart = await startServer({ flags: ["--metrics-listen", "127.0.0.1:0"] });
  const port = /metrics on port (\d+)/.exec(apart.said.join("\n"))[1];
  assert.equal((await fetch(`${apart.url}/metrics`)).status, 404);
  assert.equal((await fetch(`http://127.0.0.1:${port}/metrics`)).status, 200);
  assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
  assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 404);
  assert.equal((await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { Origin: "http://evil.example" } })).status, 403);
  await apart.stop();
});

test("the dashboard shows metrics that exist", limit, async () => {
  const server = await startServer({ turn: "on", flags: ["--turn-port", "0"] });
  const page = await (await fetch(`${server.url}/metrics`)).text();
  await server.stop();
  const known = new Set([...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  const dashboard = JSON.parse(readFileSync(new URL("../../docs/grafana/p2p-stream.json", import.meta.url), "utf8"));
  const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  assert.ok(expressions.length >= 10);
  for (const expression of expressions) {
    const names = expression.match(/\b(?:p2p|process)_\w+/g);
    assert.ok(names, expression);
    for (const name of names) assert.ok(known.has(name.replace(/_bucket$/, "")) || known.has(name), `${name} in ${expression}`);
  }
});

test("a server that stops says when to come back, is not ready meanwhile, and ends", limit, async () => {
  const server = await startServer({ flags: ["--metrics-listen", "127.0.0.1:0"] });
  const clients = await Promise.all(Object.values(ways).map((options) => connect(server.url, { ...options, reconnection: false })));
  // Who is between two polls finds the server gone.
  const port = /metrics on port (\d+)/.exec(server.said.join("\n"))[1];
  await settled(`http://127.0.0.1:${port}/metrics`, { polls: 1, webSockets: 2 });
  const leaving = clients.map((socket) => next(socket, "server:leaving"));
  const closed = clients.map((socket) => once(socket, "disconnect"));
  const code = server.stop("SIGTERM");
  for (const { backWithinMs } of await Promise.all(leaving)) assert.ok(backWithinMs >= 2_000 && backWithinMs <= 30_000);
  await assert.rejects(fetch(`${server.url}/healthz`));
  await Promise.all(closed);
  assert.equal(await code, 0);
});
