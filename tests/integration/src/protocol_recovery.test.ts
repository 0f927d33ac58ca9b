import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Echo, heard, soon, type Wire } from "./echo.ts";

const on = "socket.io";
let echo: Echo;

before(async () => {
  echo = await Echo.start("--recovery");
});
after(() => echo.stop());

interface Identity {
  sid: string;
  pid: string;
}

async function connected(wire: Wire, request = "40"): Promise<Identity> {
  wire.send(request);
  return JSON.parse((await wire.text()).slice(request.startsWith("40/custom,") ? 10 : 2)) as Identity;
}

/** The last argument of an event. */
function offsetOf(packet: string): string {
  const offset = (JSON.parse(packet.slice(packet.indexOf("["))) as unknown[]).at(-1);
  assert.equal(typeof offset, "string");
  return offset as string;
}

/** A client that was away after it had seen `auth`, and what it missed. */
async function lost(messages: string[]): Promise<Identity & { offset: string; missed: string[] }> {
  const wire = await echo.opened(on);
  const identity = await connected(wire);
  const offset = offsetOf(await wire.text());
  wire.send(...messages.map((text) => `42["message",${JSON.stringify(text)}]`));
  const missed: string[] = [];
  for (const _ of messages) missed.push(await wire.text());
  wire.close();
  await wire.closed();
  return { ...identity, offset, missed };
}

const request = (pid: string, offset: string): string => `40${JSON.stringify({ pid, offset })}`;

describe("a client that lost its transport", () => {
  test("comes back as who it was and gets what it missed, in order", async () => {
    const { sid, pid, offset, missed } = await lost(["one", "two", "three"]);
    assert.match(pid, /^[0-9a-f]{40}$/);
    assert.notEqual(pid, sid);
    const wire = await echo.opened(on);
    assert.deepEqual(await connected(wire, request(pid, offset)), { sid, pid });
    for (const packet of missed) assert.equal(await wire.next(), packet);
    wire.send('42["message","four"]');
    const next = await wire.text();
    assert.match(next, /^42\["message-back","four",/, "no second auth, nothing twice");
    assert.ok(!missed.map(offsetOf).includes(offsetOf(next)));
    wire.close();
  });

  test("misses nothing when it saw the last event", async () => {
    const { sid, pid, missed } = await lost(["one"]);
    const wire = await echo.opened(on);
    assert.equal((await connected(wire, request(pid, offsetOf(missed[0] ?? "")))).sid, sid);
    wire.send('42["message","two"]');
    assert.match(await wire.text(), /^42\["message-back","two",/);
    wire.close();
  });

  test("gets bytes again too", async () => {
    const wire = await echo.opened(on);
    const { pid } = await connected(wire);
    const offset = offsetOf(await wire.text());
    wire.send('451-["message",{"_placeholder":true,"num":0}]', Buffer.from([1, 2, 3]));
    const packet = await wire.text();
    assert.match(packet, /^451-\["message-back",\{"_placeholder":true,"num":0\},"/);
    await wire.next();
    wire.close();
    await wire.closed();
    const again = await echo.opened(on);
    await connected(again, request(pid, offset));
    assert.equal(await again.next(), packet);
    assert.deepEqual(await again.next(), Buffer.from([1, 2, 3]));
    again.close();
  });

  test("may come back more than once", async () => {
    const { sid, pid, offset } = await lost(["one"]);
    for (let i = 0; i < 3; ++i) {
      const wire = await echo.opened(on);
      assert.deepEqual(await connected(wire, request(pid, offset)), { sid, pid });
      assert.match(await wire.text(), /"one"/);
      wire.close();
      await wire.closed();
    }
  });

  test("of stock make is itself again", async () => {
    const socket = echo.client("/custom", { transports: ["websocket"], reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 50 });
    await heard(socket, "auth");
    assert.equal(socket.recovered, false);
    const id = socket.id;
    const back = soon("came back", new Promise<void>((resolve) => socket.once("connect", resolve)));
    socket.io.engine.close();
    await back;
    assert.equal(socket.recovered, true);
    assert.equal(socket.id, id);
    socket.close();
  });
});

describe("a new client is", () => {
  async function isNew(pid: string, offset: string, sid: string, head = "40"): Promise<void> {
    const wire = await echo.opened(on);
    const identity = await connected(wire, head + request(pid, offset).slice(2));
    assert.notEqual(identity.sid, sid);
    assert.notEqual(identity.pid, pid);
    assert.match(await wire.text(), /\["auth",/);
    wire.close();
  }

  test("who names an id that nobody has", () => isNew("0".repeat(40), "1", ""));

  test("who names an offset that was never given out", async () => {
    const { sid, pid } = await lost([]);
    await isNew(pid, "99", sid);
  });

  test("who asks in another namespace", async () => {
    const { sid, pid, offset } = await lost([]);
    await isNew(pid, offset, sid, "40/custom,");
  });

  test("who missed more than is kept", async () => {
    const { sid, pid, offset } = await lost(Array.from({ length: 300 }, (_, i) => String(i)));
    await isNew(pid, offset, sid);
  });

  test("who left, or broke the protocol", async () => {
    for (const goodbye of ["41", "4abc"]) {
      const wire = await echo.opened(on);
      const { sid, pid } = await connected(wire);
      const offset = offsetOf(await wire.text());
      wire.send(goodbye, "1");
      await wire.closed();
      await isNew(pid, offset, sid);
    }
  });

  test("who asks while the old connection is still there", async () => {
    const wire = await echo.opened(on);
    const { sid, pid } = await connected(wire);
    await isNew(pid, offsetOf(await wire.text()), sid);
    wire.close();
  });
});

test("without recovery there is neither a private id nor an offset", async () => {
  const plain = await Echo.start();
  const wire = await plain.opened(on);
  wire.send("40");
  assert.match(await wire.text(), /^40\{"sid":"[0-9a-f]{40}"\}$/);
  assert.equal(await wire.next(), '42["auth",{}]');
  wire.close();
  await plain.stop();
});
