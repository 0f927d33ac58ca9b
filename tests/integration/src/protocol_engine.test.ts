import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { Program } from "../../e2e/src/program.ts";
import { Echo, echoPath, soon, type Opening } from "./echo.ts";

const on = "engine.io";
let echo: Echo;

before(async () => {
  echo = await Echo.start("--ping-interval", "60000", "--max-payload", "100000");
});
after(() => echo.stop());

describe("a session opens", () => {
  test("by polling, with an upgrade on offer", async () => {
    const { sid, ...rest } = await echo.polling(on);
    assert.match(sid, /^[0-9a-f]{48}$/);
    assert.deepEqual(rest, { upgrades: ["websocket"], pingInterval: 60_000, pingTimeout: 20_000, maxPayload: 100_000 });
  });

  test("by WebSocket, with none", async () => {
    const wire = echo.wire(on);
    const opening = JSON.parse((await wire.text()).slice(1)) as Opening;
    assert.deepEqual(opening.upgrades, []);
    wire.close();
  });

  test("only with the protocol's version, transports and methods", async () => {
    const cases: [string, string, number][] = [
      ["GET", "transport=polling", 5],
      ["GET", "EIO=3&transport=polling", 5],
      ["GET", "EIO=4", 0],
      ["GET", "EIO=4&transport=pigeon", 0],
      ["POST", "EIO=4&transport=polling", 2],
      ["PUT", "EIO=4&transport=polling", 2],
      ["GET", "EIO=4&transport=polling&sid=nobody", 1],
      ["GET", "EIO=4&transport=websocket", 3],
    ];
    for (const [method, query, code] of cases) {
      const response = await fetch(`${echo.url}/${on}/?${query}`, { method });
      assert.deepEqual([response.status, ((await response.json()) as { code: number }).code], [400, code], `${method} ${query}`);
    }
    assert.equal((await fetch(`${echo.url}/elsewhere/?EIO=4&transport=polling`)).status, 404);
  });
});

describe("messages", () => {
  test("go both ways by polling, several in a body, bytes in base64", async () => {
    const { sid } = await echo.polling(on);
    assert.equal(await echo.post(on, sid, "4one", "4", "4grün", "bAAEC/w==", "b"), 200);
    assert.deepEqual(await echo.poll(on, sid), ["4one", "4", "4grün", "bAAEC/w==", "b"]);
  });

  test("answer a poll that waits", async () => {
    const { sid } = await echo.polling(on);
    const waiting = echo.poll(on, sid);
    await echo.post(on, sid, "4later");
    assert.deepEqual(await waiting, ["4later"]);
  });

  test("go both ways by WebSocket, each in a frame of its own", async () => {
    const wire = await echo.opened(on);
    wire.send("4one", Buffer.from([0, 1, 2, 255]), "4two");
    assert.equal(await wire.next(), "4one");
    assert.deepEqual(await wire.next(), Buffer.from([0, 1, 2, 255]));
    assert.equal(await wire.next(), "4two");
    wire.close();
  });

  test("may have the size that the server named, and no more", async () => {
    const wire = await echo.opened(on);
    const most = "4" + "x".repeat(99_999);
    wire.send(most);
    assert.equal(await wire.next(), most);
    wire.send(most + "x");
    assert.equal(await wire.closed(), 1009);
    const { sid } = await echo.polling(on);
    assert.equal(await echo.post(on, sid, most), 200);
    assert.equal(await echo.post(on, sid, "4" + "x".repeat(110_000)), 413);
  });
});

describe("a broken client loses its session", () => {
  for (const body of ["abc", "", "4a\x1e", "bA", "b!!!!", "2", "0{}", "5"]) {
    test(`by polling: ${JSON.stringify(body)}`, async () => {
      const { sid } = await echo.polling(on);
      await echo.post(on, sid, body);
      assert.equal((await echo.http(on, sid)).status, 400);
    });
  }

  for (const packet of ["abc", "", "bAAEC", "2", "2probe", "0{}", "5"]) {
    test(`by WebSocket: ${JSON.stringify(packet)}`, async () => {
      const wire = await echo.opened(on);
      wire.send(packet);
      await wire.closed();
    });
  }

  test("that polls twice at once", async () => {
    const { sid } = await echo.polling(on);
    const answers = await Promise.all([echo.http(on, sid), echo.http(on, sid)]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400]);
    assert.equal(await answers.find(({ status }) => status === 200)?.text(), "1");
    assert.equal((await echo.http(on, sid)).status, 400);
  });

  test("and others do not notice", async () => {
    const honest = await echo.opened(on);
    const broken = await echo.opened(on);
    broken.send("abc");
    await broken.closed();
    honest.send("4still here");
    assert.equal(await honest.next(), "4still here");
    honest.close();
  });
});

describe("a goodbye ends the session", () => {
  test("and the poll that waits, with a noop", async () => {
    // Nobody can tell that a poll waits already: when the goodbye overtook it, there was none.
    for (let ended = false; !ended;) {
      const { sid } = await echo.polling(on);
      const [poll] = await Promise.all([echo.http(on, sid), echo.post(on, sid, "1")]);
      ended = poll.status === 200;
      if (ended) assert.equal(await poll.text(), "6");
      assert.equal((await echo.http(on, sid)).status, 400);
    }
  });

  test("by WebSocket", async () => {
    const wire = await echo.opened(on);
    wire.send("1");
    await wire.closed();
  });
});

describe("an upgrade", () => {
  test("takes a probe and moves what waits, bytes as bytes", async () => {
    const { sid } = await echo.polling(on);
    const wire = echo.wire(on, sid);
    await wire.opened();
    await echo.wire(on, sid).closed(); // one at a time
    await echo.post(on, sid, "4text that waits", "bAAEC");
    wire.send("2probe");
    assert.equal(await wire.next(), "3probe");
    wire.send("5");
    assert.equal(await wire.next(), "4text that waits");
    assert.deepEqual(await wire.next(), Buffer.from([0, 1, 2]));
    assert.equal((await echo.http(on, sid)).status, 400, "polling is over");
    await echo.wire(on, sid).closed();
    wire.send("4after");
    assert.equal(await wire.next(), "4after", "who tried disturbed nobody");
    wire.close();
  });

  test("answers polls with a noop once it was probed", async () => {
    const { sid } = await echo.polling(on);
    const wire = echo.wire(on, sid);
    await wire.opened();
    wire.send("2probe");
    assert.equal(await wire.next(), "3probe");
    assert.deepEqual(await echo.poll(on, sid), ["6"]);
    wire.send("5", "4hello");
    assert.equal(await wire.next(), "4hello");
    wire.close();
  });

  test("that is broken or given up leaves the session polling", async () => {
    const { sid } = await echo.polling(on);
    const broken = echo.wire(on, sid);
    await broken.opened();
    broken.send("4no probe");
    await broken.closed();
    await echo.post(on, sid, "4still polling");
    assert.deepEqual(await echo.poll(on, sid), ["4still polling"]);
  });
});

describe("the heartbeat", () => {
  let quick: Echo;
  before(async () => {
    quick = await Echo.start("--ping-interval", "300", "--ping-timeout", "2000");
  });
  after(() => quick.stop());

  test("keeps a client that answers", async () => {
    const wire = quick.wire(on);
    wire.mute = true;
    await wire.text();
    for (let i = 0; i < 3; ++i) {
      assert.equal(await wire.next(), "2");
      wire.send("3");
    }
    wire.close();
    const { sid } = await quick.polling(on);
    for (let i = 0; i < 3; ++i) {
      assert.deepEqual(await quick.poll(on, sid), ["2"]);
      assert.equal(await quick.post(on, sid, "3"), 200);
    }
  });

  test("gives up one that does not", async () => {
    const wire = quick.wire(on);
    wire.mute = true;
    await wire.text();
    assert.equal(await wire.next(), "2");
    await wire.closed();
    const { sid } = await quick.polling(on);
    assert.deepEqual(await quick.poll(on, sid), ["2"]);
    assert.deepEqual(await quick.poll(on, sid), ["1"], "the poll that waits is told");
    assert.equal((await quick.http(on, sid)).status, 400);
  });
});

test("a poll that is given up ends the session", async () => {
  const { sid } = await echo.polling(on);
  const socket = connect(Number(new URL(echo.url).port), "127.0.0.1");
  socket.end(`GET /${on}/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await soon("closed", once(socket.resume(), "close"));
  assert.equal((await echo.http(on, sid)).status, 400);
});

describe("the program refuses", () => {
  const cases: [string[], RegExp][] = [
    [["--port", "70000"], /--port: .*not in range/],
    [["--port", "many"], /--port/],
    [["--ping-interval", "0"], /--ping-interval/],
    [["--ping-timeout", "soon"], /--ping-timeout/],
    [["--max-payload", "1"], /--max-payload/],
    [["--port", "0", "--host", "192.0.2.1"], /Give an address of this machine with --host\./],
    [["--nonsense"], /--nonsense/],
  ];
  for (const [args, sentence] of cases) {
    test(args.join(" "), async () => {
      const program = Program.start("socketio-echo-refuses", args, echoPath);
      assert.ok(((await program.exited) ?? 0) > 0);
      assert.match(program.output, sentence);
    });
  }
});
