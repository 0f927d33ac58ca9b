import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Echo, heard, soon, type Message } from "./echo.ts";

const on = "socket.io";
const ways = {
  "WebSocket only": { transports: ["websocket"] },
  "polling only": { transports: ["polling"], upgrade: false },
  "polling, then upgrade": {},
};
let echo: Echo;

before(async () => {
  echo = await Echo.start("--max-payload", "1000000");
});
after(() => echo.stop());

for (const [way, options] of Object.entries(ways)) {
  for (const nspace of ["/", "/custom"]) {
    describe(`a stock client in ${nspace}, ${way}`, () => {
      test("is told its auth, or an empty object", async () => {
        for (const auth of [{ token: "x", deep: [{ a: 1 }] }, undefined]) {
          const socket = echo.client(nspace, { ...options, auth });
          assert.deepEqual(await heard(socket, "auth"), [auth ?? {}]);
          assert.notEqual(socket.id, socket.io.engine.id, "the transport's id is a secret");
          socket.close();
        }
      });

      test("hears its messages with all arguments, bytes among them", async () => {
        const socket = echo.client(nspace, options);
        await heard(socket, "auth");
        const cases: unknown[][] = [
          [],
          [1, "2", { 3: [true, null] }, 'quotes " and \\\\ and ü and 🎥'],
          [Buffer.from([0, 1, 255])],
          [{ deep: [Buffer.from("a"), { b: Buffer.from("b") }] }, "between", Buffer.alloc(0)],
          Array.from({ length: 10 }, (_, i) => Buffer.from([i])),
          Array.from({ length: 100 }, (_, i) => i),
        ];
        for (const args of cases) {
          const back = heard(socket, "message-back");
          socket.emit("message", ...args);
          assert.deepEqual(await back, args);
        }
        socket.close();
      });

      test("is acknowledged with all arguments, bytes among them", async () => {
        const socket = echo.client(nspace, options);
        await heard(socket, "auth");
        for (const args of [[], [1, "2", { 3: [false] }], [Buffer.from([1]), { x: Buffer.from([2]) }]]) {
          const answered = new Promise<unknown[]>((resolve) => socket.emit("message-with-ack", ...args, (...back: unknown[]) => resolve(back)));
          assert.deepEqual(await soon("acknowledged", answered), args);
        }
        socket.close();
      });

      test("may send attachments of nearly the largest payload", async () => {
        const socket = echo.client(nspace, options);
        await heard(socket, "auth");
        const big = Buffer.alloc(700_000, 7);
        const back = heard(socket, "message-back");
        socket.emit("message", big, big);
        assert.deepEqual(await back, [big, big]);
        socket.close();
      });
    });
  }
}

describe("namespaces", () => {
  test("share a connection and are left one by one", async () => {
    const main = echo.client("/");
    await heard(main, "auth");
    const custom = main.io.socket("/custom");
    await heard(custom, "auth");
    assert.notEqual(main.id, custom.id);
    custom.disconnect();
    const back = heard(main, "message-back");
    main.emit("message", "still here");
    assert.deepEqual(await back, ["still here"]);
    custom.connect();
    await heard(custom, "auth");
    main.disconnect();
    const again = heard(custom, "message-back");
    custom.emit("message", "I too");
    assert.deepEqual(await again, ["I too"]);
    custom.disconnect();
  });

  test("that do not exist are refused with a reason", async () => {
    const socket = echo.client("/random");
    const [error] = await heard(socket, "connect_error");
    assert.equal((error as Error).message, "Invalid namespace");
    socket.close();
    const wire = await echo.opened(on);
    wire.send("40/random,", "40");
    assert.equal(await wire.next(), '44/random,{"message":"Invalid namespace"}');
    assert.match(await wire.text(), /^40\{"sid":"[0-9a-f]{40}"\}$/);
    wire.close();
  });

  test("may be named without a comma, and `/` by its name", async () => {
    const wire = await echo.opened(on);
    wire.send("40/custom");
    assert.match(await wire.text(), /^40\/custom,\{"sid":/);
    assert.equal(await wire.next(), '42/custom,["auth",{}]');
    wire.send('42/custom,["message"]');
    assert.equal(await wire.next(), '42/custom,["message-back"]');
    wire.send("40/,");
    assert.match(await wire.text(), /^40\{"sid":/);
    wire.close();
  });
});

describe("on the wire", () => {
  test("arguments come back as they were written", async () => {
    const wire = await echo.joined();
    wire.send('42["message", 1.50 ,"\\u00fc",{"b":1,"a":2}]');
    assert.equal(await wire.next(), '42["message-back",1.50 ,"\\u00fc",{"b":1,"a":2}]');
    wire.send('42456["message-with-ack",1]');
    assert.equal(await wire.next(), "43456[1]");
    wire.close();
  });

  test("attachments follow their packet, in order", async () => {
    const wire = await echo.joined();
    const bytes = [Buffer.from([1, 2, 3]), Buffer.from([4])];
    const placeholders = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';
    wire.send(`452-["message",${placeholders}]`, ...bytes, `452-789["message-with-ack",${placeholders}]`, ...bytes);
    for (const head of ['452-["message-back",', "462-789["]) {
      assert.equal(await wire.next(), `${head}${placeholders}]`);
      for (const attachment of bytes) assert.deepEqual(await wire.next(), attachment);
    }
    wire.close();
  });

  test("attachments are polled in base64", async () => {
    const { sid } = await echo.polling(on);
    await echo.post(on, sid, "40");
    await echo.post(on, sid, '451-["message",{"_placeholder":true,"num":0}]', "bAQID");
    const packets: string[] = [];
    while (!packets.includes("bAQID")) packets.push(...(await echo.poll(on, sid)).filter((packet) => packet !== "2"));
    assert.match(packets.shift() ?? "", /^40\{"sid"/);
    assert.deepEqual(packets, ['42["auth",{}]', '451-["message-back",{"_placeholder":true,"num":0}]', "bAQID"]);
    await echo.post(on, sid, "1");
  });

  test("unknown acknowledgements and events are ignored", async () => {
    const wire = await echo.joined();
    wire.send(
      "4377[]",
      '461-78[{"_placeholder":true,"num":0}]',
      Buffer.from([1]),
      '42["nobody listens",1]',
      '42["message-with-ack"]',
      '42["message",1]',
    );
    assert.equal(await wire.next(), '42["message-back",1]');
    wire.close();
  });

  test("a client that left everything stays connected and may come again", async () => {
    const wire = await echo.joined();
    wire.send("41", "40");
    assert.match(await wire.text(), /^40\{"sid":/);
    assert.equal(await wire.next(), '42["auth",{}]');
    wire.close();
  });
});

describe("the connection closes on", () => {
  const placeholder = '{"_placeholder":true,"num":0}';
  const cases: Record<string, Message[]> = {
    "an unknown packet type": ["4abc"],
    "an event that is no array": ["42{}"],
    "an event without a name": ["42[]"],
    "an event whose name is no text": ["42[1]"],
    "broken JSON": ['42["message",{]'],
    "a number of acknowledgement that is none": ['42abc["message-with-ack"]'],
    "a second CONNECT": ["40"],
    "an event for a namespace that was not joined": ['42/custom,["message"]'],
    "leaving a namespace that was not joined": ["41/custom,"],
    "an event after leaving": ["41", '42["message"]'],
    "CONNECT's refusal from a client": ['44{"message":"no"}'],
    "auth that is no object": ["41", "40[1]"],
    "stray bytes": [Buffer.from([1])],
    "bytes after the last attachment": [`451-["message",${placeholder}]`, Buffer.from([1]), Buffer.from([2])],
    "text while attachments are awaited": [`451-["message",${placeholder}]`, '42["message"]'],
    "more than ten attachments": ['4511-["message"]'],
    "a placeholder that nothing fills": ['451-["message",{"_placeholder":true,"num":1}]'],
    "a client's ping": ["2"],
  };
  for (const name of ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]) {
    cases[`the reserved name ${name}`] = [`42["${name}"]`];
  }
  for (const [what, messages] of Object.entries(cases)) {
    test(what, async () => {
      const wire = await echo.joined();
      wire.send(...messages);
      await wire.closed();
    });
  }

  test("an event before CONNECT", async () => {
    const wire = await echo.opened(on);
    wire.send('42["message"]');
    await wire.closed();
  });
});
