import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { test } from "node:test";
import type { Server } from "../../e2e/src/program.ts";
import { ask, connect, makeSecret, ways } from "../../interop/client.js";
import { publish, smallPattern, startWatcher, statsOf, until, withServer } from "./peers.ts";

/** Says something to the server and gives all that it answers until it closes the connection. */
async function answerTo(server: Server, bytes: string | Buffer): Promise<string> {
  const socket = connectTcp(server.port, "127.0.0.1");
  let answer = "";
  socket.on("error", () => {}).on("data", (chunk) => (answer += chunk.toString("latin1")));
  const closed = once(socket, "close");
  socket.write(bytes);
  await closed;
  return answer;
}

const upgrade =
  "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const afterUpgrade = (...frame: number[]): Buffer => Buffer.concat([Buffer.from(upgrade), Buffer.from(frame)]);

test("malformed bytes end their own connection, and a stream that plays meanwhile does not notice", () =>
  withServer(async (server) => {
    const source = await publish(server, smallPattern);
    const watcher = startWatcher("bystander", source.watchUrl);
    await until(watcher, "played", ({ partsPlayed }) => partsPlayed > 3);

    const cases: [string, string | Buffer, RegExp][] = [
      ["a header far too long", `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"y".repeat(200_000)}\r\n\r\n`, /^(HTTP\/1\.1 4\d\d |$)/],
      ["a request line far too long", `GET /${"y".repeat(200_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, /^(HTTP\/1\.1 4\d\d |$)/],
      ["a thousand headers", `GET / HTTP/1.1\r\nHost: x\r\n${"a: b\r\n".repeat(20_000)}\r\n`, /^(HTTP\/1\.1 4\d\d |$)/],
      ["no HTTP at all", Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x0d, 0x0a, 0x0d, 0x0a]), /^(HTTP\/1\.1 4\d\d |$)/],
      [
        "a body length that is none",
        "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        /^(HTTP\/1\.1 4\d\d |$)/,
      ],
      [
        "a body far too long",
        "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
        /^(HTTP\/1\.1 4\d\d |$)/,
      ],
      ["reserved bits in a frame", afterUpgrade(0xf1, 0x81, 0, 0, 0, 0, 0x34), /^HTTP\/1\.1 101 /],
      ["an unknown opcode", afterUpgrade(0x83, 0x80, 0, 0, 0, 0), /^HTTP\/1\.1 101 /],
      ["a fragmented ping", afterUpgrade(0x09, 0x80, 0, 0, 0, 0), /^HTTP\/1\.1 101 /],
      ["a continuation of nothing", afterUpgrade(0x80, 0x80, 0, 0, 0, 0), /^HTTP\/1\.1 101 /],
      ["a frame length with the top bit", afterUpgrade(0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0), /^HTTP\/1\.1 101 /],
    ];
    for (const [name, bytes, expected] of cases) assert.match((await answerTo(server, bytes)).slice(0, 200), expected, name);

    // Well-formed and wrong: refused in words, and the connection goes on.
    const client = await connect(server.numericUrl, ways["WebSocket only"]);
    const requests: [string, unknown][] = [
      ["stream:join", {}],
      ["stream:join", { streamId: 7, peerSecret: [], giving: "yes" }],
      ["stream:join", { streamId: source.streamId, peerSecret: makeSecret().slice(2), giving: true }],
      ["stream:create", { publicKey: "zz", signature: "", title: null, peerSecret: "" }],
      ["signal", { to: "x", data: { type: "offer", sdp: "y".repeat(20_000) } }],
      ["report", { neighbors: new Array(1000).fill({}) }],
      ["candidates", { exclude: new Array(65).fill("0000000000000000") }],
    ];
    for (const [event, request] of requests) {
      const answer = await ask(client, event, request as object);
      assert.equal(answer.ok, false, event);
      assert.match(answer.error.code, /^(bad-request|not-a-member)$/);
      assert.ok(answer.error.message.length > 10);
    }
    client.close();

    const played = statsOf(watcher)?.partsPlayed ?? 0;
    await until(watcher, "went on", ({ partsPlayed }) => partsPlayed > played + 5);
    assert.doesNotMatch(watcher.program.output + source.program.output, /The server is away/);
    assert.equal(await watcher.program.stop("SIGINT"), 0);
    assert.equal(await source.program.stop("SIGINT"), 0);
  }));
