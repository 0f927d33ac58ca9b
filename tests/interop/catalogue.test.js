import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { samplesOf } from "../../packages/p2p-client/src/signaling/catalogueSamples.ts";
import { catalogue, checkAnswer, isRequest, seen } from "./catalogue.js";
import { ask, connect, create, join, makeKey, makeSecret, next, peerIdOf, ways } from "./client.js";
import { startServer } from "./server.js";

const limit = { timeout: 120_000 };
const webSocket = ways["WebSocket only"];

describe("the catalogue of events", limit, () => {
  let server;
  before(async () => (server = await startServer()));
  after(() => server.stop());

  for (const [event, { request }] of Object.entries(catalogue.requests)) {
    test(`${event}: the server takes exactly what the schema takes`, async () => {
      let socket = await connect(server.url, webSocket);
      const apart = [];
      for (const { what, value, valid } of samplesOf(request)) {
        assert.equal(isRequest(event, value), valid, `${event} ${what}: the sample and the schema disagree`);
        // Requests that carry nothing are not read.
        if (JSON.stringify(request.properties) === "{}" && !valid) continue;
        let answer = await ask(socket, event, value);
        while (answer.error?.code === "rate-limited") {
          socket.close();
          socket = await connect(server.url, webSocket);
          answer = await ask(socket, event, value);
        }
        if ((answer.error?.code !== "bad-request") !== valid) apart.push(`${what}: ${valid ? answer.error.message : "taken"}`);
      }
      socket.close();
      assert.deepEqual(apart, []);
    });
  }
});

test("every answer, event and error of the catalogue is really said, as the catalogue has it", limit, async () => {
  const server = await startServer({ flags: ["--ice-servers", "stun:stun.example.org:3478"] });
  const sockets = await Promise.all(Array.from({ length: 4 }, () => connect(server.url, webSocket)));
  const [source, viewer, watcher, second] = sockets;
  const key = makeKey();
  const secret = makeSecret();
  await ask(watcher, "streams:watch", { tags: ["Harbor"], search: "night" });
  const added = next(watcher, "streams:delta");
  await create(source, key, { title: "Harbor at night", category: "places", tags: ["Harbor", "#No talking"], language: "en" });
  const [stream] = (await added).added;
  assert.deepEqual([stream.category, stream.tags, stream.language], ["places", ["harbor", "no talking"], "en"]);
  await join(viewer, key.streamId, { secret });
  const told = next(viewer, "signal");
  await ask(source, "signal", { to: peerIdOf(secret), data: { type: "bye", reason: "" } });
  await told;
  const neighbors = [{ peerId: "0".repeat(16), receivedBytes: 1_000_000, failedPieces: 0, rttMs: 20.5 }];
  await ask(viewer, "report", { uploadBitsPerS: 5e6, hop: 1, receiving: true, rendition: 1, neighbors });
  assert.equal((await ask(source, "candidates")).candidates[0].rendition, 1);
  const sample = await ask(source, "mesh:sample");
  assert.deepEqual([sample.total, sample.peers[1].hop, sample.peers[1].parents.length], [2, 1, 1]);
  await ask(viewer, "ice:servers");
  await ask(source, "stream:update", { title: "Quay at night", tags: [] });
  const image = Buffer.from("/9j/4AAQSkZJRg==", "base64");
  await ask(source, "stream:thumbnail", { image });
  assert.equal((await ask(source, "stream:thumbnail", { image })).error.code, "rate-limited");
  const picture = await fetch(`${server.url}/api/streams/${key.streamId}/thumbnail`);
  assert.deepEqual([picture.headers.get("content-type"), Buffer.from(await picture.arrayBuffer())], ["image/jpeg", image]);
  await ask(watcher, "streams:unwatch");
  const codes = [
    ["bad-request", await ask(source, "stream:update")],
    ["unknown-event", await ask(source, "stream:rewind")],
    ["no-such-stream", await join(second, "0".repeat(20))],
    ["no-such-peer", await ask(source, "signal", { to: "0".repeat(16), data: { type: "bye", reason: "" } })],
    ["not-a-member", await ask(second, "mesh:sample")],
    ["not-the-source", await ask(viewer, "stream:update", { title: "mine" })],
    ["already-a-member", await join(viewer, key.streamId)],
    ["bad-signature", await create(second, { ...key, sign: makeKey().sign })],
  ];
  for (const [code, answer] of codes) assert.equal(answer.error?.code, code);
  const replaced = [next(source, "stream:replaced"), next(viewer, "stream:source")];
  await create(second, key);
  await Promise.all(replaced);
  await ask(viewer, "stream:leave");
  await join(viewer, key.streamId);
  const ended = next(viewer, "stream:ended");
  await ask(second, "stream:end");
  await ended;
  const flood = await Promise.all(Array.from({ length: 80 }, () => ask(watcher, "candidates")));
  assert.ok(flood.some(({ error }) => error.code === "rate-limited"));
  // A limit of streams of one address is the cheapest way to a full server.
  const away = { ...webSocket, extraHeaders: { "X-Forwarded-For": "203.0.113.7" } };
  const proxied = await startServer({ flags: ["--trusted-proxies", "127.0.0.1"] });
  let full;
  while (!full) {
    const socket = await connect(proxied.url, away);
    sockets.push(socket);
    const answer = await create(socket, makeKey());
    if (!answer.ok) full = answer.error.code;
  }
  assert.equal(full, "full");
  const leaving = next(viewer, "server:leaving");
  const stopped = server.stop();
  await leaving;
  for (const socket of sockets) socket.close();
  await Promise.all([stopped, proxied.stop()]);
  const { errorCode } = catalogue.$defs;
  const all = [
    ...Object.keys(catalogue.requests).map((name) => `answer ${name}`),
    ...Object.keys(catalogue.events).map((name) => `event ${name}`),
    ...errorCode.enum.filter((code) => code !== "internal").map((code) => `error ${code}`),
  ];
  assert.deepEqual(all.filter((name) => !seen.has(name)).sort(), []);
});

test("the list of streams can be read once, by the same filter, from origins that are allowed", limit, async () => {
  const server = await startServer({ flags: ["--allowed-origins", "https://friend.example"] });
  const streams = [
    { title: "Crème brûlée", category: "food", tags: ["Baking"], language: "fr" },
    { title: "Speed chess", category: "games", tags: ["Baking", "Blitz"] },
    { title: "ШАХМАТЫ", category: "games", tags: [] },
  ];
  const sockets = [];
  for (const details of streams) {
    const socket = await connect(server.url, webSocket);
    assert.equal((await create(socket, makeKey(), details)).ok, true);
    sockets.push(socket);
  }
  const get = async (query, init) => {
    const response = await fetch(`${server.url}/api/streams${query}`, init);
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const titles = async (query) => (await get(query)).body.streams.map(({ title }) => title).sort();
  while ((await get("")).body.total < 3);
  const { body } = await get("");
  checkAnswer("streams:watch", body);
  assert.deepEqual(await titles("?category=games"), ["Speed chess", "ШАХМАТЫ"]);
  assert.deepEqual(await titles("?tag=BAKING&tag=blitz"), ["Speed chess"]);
  assert.deepEqual(await titles("?search=creme+BRULEE"), ["Crème brûlée"]);
  assert.deepEqual(await titles(`?search=${encodeURIComponent("шахматы games")}`), ["ШАХМАТЫ"]);
  assert.deepEqual(await titles("?language=fr"), ["Crème brûlée"]);
  const first = (await get("?sort=newest&limit=1")).body;
  assert.deepEqual([first.streams.length, first.total], [1, 3]);
  const wrong = await get("?category=virus");
  assert.deepEqual([wrong.status, wrong.body.error.code], [400, "bad-request"]);
  assert.match(wrong.body.error.message, /category must be one of art, code/);
  assert.equal((await get("", { method: "POST" })).status, 405);
  const friend = await get("", { headers: { Origin: "https://friend.example" } });
  assert.equal(friend.headers.get("access-control-allow-origin"), "https://friend.example");
  assert.equal(friend.headers.get("content-type"), "application/json");
  assert.equal((await fetch(`${server.url}/api/streams`, { headers: { Origin: "https://evil.example" } })).status, 403);
  for (const socket of sockets) socket.close();
  await server.stop();
});

for (const [way, options] of Object.entries(ways)) {
  test(`${way}: a filter is changed on the same connection, and deltas keep to it`, limit, async () => {
    const server = await startServer();
    const [watcher, source] = [await connect(server.url, options), await connect(server.url, options)];
    const key = makeKey();
    const shown = new Map();
    let total = 0;
    watcher.on("streams:delta", (delta) => {
      for (const id of delta.removed) shown.delete(id);
      for (const stream of [...delta.added, ...delta.updated]) shown.set(stream.id, stream);
      total = delta.total;
    });
    await ask(watcher, "streams:watch", { category: "music" });
    let change = next(watcher, "streams:delta");
    await create(source, key, { category: "music" });
    await change;
    assert.deepEqual([[...shown.keys()], total], [[key.streamId], 1]);
    change = next(watcher, "streams:delta");
    await ask(source, "stream:update", { category: "talk" });
    await change;
    assert.deepEqual([[...shown.keys()], total], [[], 0], "it left the filter");
    const found = await ask(watcher, "streams:watch", { category: "talk", limit: 1 });
    assert.equal(found.streams[0].id, key.streamId);
    change = next(watcher, "streams:delta");
    await ask(source, "stream:update", { title: "quay" });
    assert.equal((await change).updated[0].title, "quay");
    const left = once(source, "disconnect");
    source.close();
    await left;
    watcher.close();
    await server.stop();
  });
}

test("however often filters and streams change, every watcher ends with the list that it wants", limit, async () => {
  const server = await startServer();
  const open = (count) => Promise.all(Array.from({ length: count }, () => connect(server.url, webSocket)));
  const categories = ["music", "games", "talk"];
  const any = (list) => list[Math.floor(Math.random() * list.length)];
  const sources = await open(6);
  for (const socket of sources) await create(socket, makeKey(), { category: any(categories) });
  // More than are told at once.
  const watchers = (await open(250)).map((socket) => ({ socket, shown: new Map(), filter: {} }));
  let heard = () => {};
  for (const watcher of watchers) {
    watcher.socket.on("streams:delta", ({ added, updated, removed }) => {
      for (const id of removed) watcher.shown.delete(id);
      for (const stream of [...added, ...updated]) watcher.shown.set(stream.id, stream);
      heard();
    });
  }
  const watch = async (watcher) => {
    const filter = { category: any(categories) };
    // Taken in the acknowledgement itself: a promise would let a delta pass.
    await new Promise((resolve) =>
      watcher.socket.emit("streams:watch", filter, ({ streams }) => {
        Object.assign(watcher, { filter, shown: new Map(streams.map((stream) => [stream.id, stream])) });
        resolve();
      }),
    );
  };
  await Promise.all(watchers.map(watch));
  for (let round = 0; round < 8; ++round) {
    await Promise.all([
      ...sources.map((socket) => ask(socket, "stream:update", { category: any(categories) })),
      ...Array.from({ length: 60 }, () => watch(any(watchers))),
    ]);
    await next(any(watchers).socket, "streams:delta");
  }
  const streams = [];
  for (const [i, socket] of sources.entries()) {
    const category = categories[i % 3];
    assert.equal((await ask(socket, "stream:update", { category, title: `last ${i}` })).ok, true);
    streams.push({ category, title: `last ${i}` });
  }
  const titles = (list) => JSON.stringify(list.map(({ title }) => title).sort());
  const right = ({ shown, filter }) => titles([...shown.values()]) === titles(streams.filter(({ category }) => category === filter.category));
  while (!watchers.every(right)) await new Promise((resolve) => (heard = resolve));
  for (const socket of [...sources, ...watchers.map(({ socket }) => socket)]) socket.close();
  await server.stop();
});

test("docs/signaling.md names what the catalogue has", () => {
  const page = readFileSync(new URL("../../docs/signaling.md", import.meta.url), "utf8");
  const section = (title) => page.split(`\n## ${title}\n`)[1].split("\n## ")[0];
  const rows = (title) => [...section(title).matchAll(/^\| `([a-z:]+)` \|.*\|$/gm)].map(([row, name]) => [name, row.split(/(?<!\\)\|/)]);
  const resolve = (schema) => (schema.$ref ? resolve(catalogue.$defs[schema.$ref.slice("#/$defs/".length)]) : schema);
  /** `{a, b?: X, c: "x"|"y"}` as the page writes it, a question mark behind what may be absent. */
  const fields = (text) => {
    const names = [];
    const inner = /\{(.*)\}/s.exec(text)?.[1] ?? "";
    let depth = 0;
    let part = "";
    for (const character of `${inner},`) {
      if ("[{(".includes(character)) depth += 1;
      if ("]})".includes(character)) depth -= 1;
      if (character === "," && depth === 0) {
        if (part.trim()) names.push(part.trim().split(":")[0].trim());
        part = "";
      } else part += character;
    }
    return names.sort();
  };
  const named = (schema, without = []) => {
    const { properties = {}, required = [] } = resolve(schema);
    return Object.keys(properties)
      .filter((name) => !without.includes(name))
      .map((name) => (required.includes(name) ? name : `${name}?`))
      .sort();
  };
  const types = Object.fromEntries([...page.matchAll(/^ {4}([A-Z][A-Za-z]+) +(\{(?:[^\n]|\n {5,})*\})/gm)].map(([, name, text]) => [name, text]));
  const typeNames = {
    Stream: "stream",
    Filter: catalogue.requests["streams:watch"].request,
    Candidate: "candidate",
    IceServer: "iceServer",
    Report: catalogue.requests.report.request,
    MeshPeer: "meshPeer",
  };
  for (const [name, of] of Object.entries(typeNames)) {
    assert.deepEqual(fields(types[name]), named(typeof of === "string" ? catalogue.$defs[of] : of), name);
  }
  const cell = (text) => (/^ *`([A-Z][A-Za-z]+)`/.test(text) ? types[/`([A-Za-z]+)`/.exec(text)[1]] : text);
  const requests = rows("Requests");
  assert.deepEqual(requests.map(([name]) => name).sort(), Object.keys(catalogue.requests).sort());
  for (const [name, [, , who, request, answer]] of requests) {
    const entry = catalogue.requests[name];
    assert.equal(who.trim(), entry.who, name);
    assert.deepEqual(fields(cell(request)), named(entry.request), `the request of ${name}`);
    assert.deepEqual(fields(cell(answer)), named(entry.answer, ["ok"]), `the answer to ${name}`);
  }
  const events = rows("Events from the server");
  assert.deepEqual([...events.map(([name]) => name), "hello"].sort(), Object.keys(catalogue.events).sort());
  for (const [name, [, , to, payload]] of events) {
    assert.equal(to.trim(), catalogue.events[name].to, name);
    assert.deepEqual(fields(payload), named(catalogue.events[name].payload), name);
  }
  const hello = /^ {4}hello (\{.*\})$/m.exec(page)[1];
  assert.deepEqual(fields(hello), named(catalogue.events.hello.payload));
  assert.match(hello, new RegExp(`version: ${catalogue.version}\\b`));
  assert.equal(catalogue.events.hello.payload.properties.version.const, catalogue.version);
  const codes = [...section("Error codes").matchAll(/`([a-z-]+)`/g)].map(([, code]) => code);
  assert.deepEqual(codes.sort(), [...catalogue.$defs.errorCode.enum].sort());
  const categories = /^`category` is one of (.*?)\./ms.exec(page)[1];
  assert.deepEqual([...categories.matchAll(/`([a-z]+)`/g)].map(([, id]) => id).sort(), [...catalogue.$defs.category.enum].sort());
  const { properties } = catalogue.requests["streams:watch"].request;
  const { peers } = catalogue.requests["mesh:sample"].answer.properties;
  const signal = Object.assign({}, ...catalogue.$defs.signal.oneOf.map((one) => one.properties));
  for (const [what, bound] of [
    [/^\| title \| (\d+) to (\d+) characters/m, [catalogue.$defs.title.minLength, catalogue.$defs.title.maxLength]],
    [
      /^\| tags \| (\d+), of (\d+) to (\d+) characters each/m,
      [catalogue.$defs.tags.maxItems, catalogue.$defs.tag.minLength, catalogue.$defs.tag.maxLength],
    ],
    [/^\| a search \| (\d+) characters/m, [properties.search.maxLength]],
    [/^\| streams of a list \| (\d+), 100 unless said/m, [properties.limit.maximum]],
    [
      /`sdp` \| (\d+) KiB; `candidate` (\d+) KiB, `mid` (\d+) B, `reason` (\d+) B/,
      [signal.sdp.maxLength / 1_024, signal.candidate.maxLength / 1_024, signal.mid.maxLength, signal.reason.maxLength],
    ],
    [/\(at most (\d+); counters since/, [catalogue.requests.report.request.properties.neighbors.maxItems]],
    [/`\{exclude\?: \[peerId\], rendition\?\}` \(at most (\d+)\)/, [catalogue.requests.candidates.request.properties.exclude.maxItems]],
    [/At most (\d+) candidates an answer/, [catalogue.$defs.candidates.maxItems]],
    [/at most (\d+) peers/, [peers.maxItems]],
    [/at most (\d+) parents/, [catalogue.$defs.meshPeer.properties.parents.maxItems]],
  ]) {
    assert.deepEqual(what.exec(page)?.slice(1).map(Number), bound, String(what));
  }
});
