import assert from "node:assert/strict";
import { test } from "node:test";
import { Program, unassignedPort } from "../../e2e/src/program.ts";
import { asMp4, endlessTs, makeClip } from "./media.ts";
import { publish, withServer } from "./peers.ts";

test("a source that waits for an input that does not come can be stopped", () =>
  withServer(async (server) => {
    const url = `udp://127.0.0.1:${await unassignedPort()}`;
    const source = Program.start("publish-waiting", ["publish", url, "--server", server.url]);
    await source.says(/Still waiting for "udp:.*" to send something\./);
    assert.equal(await source.stop("SIGINT"), 130);
  }));

test("a source whose input fell silent can be stopped", () =>
  withServer(async (server) => {
    const url = `udp://127.0.0.1:${await unassignedPort()}`;
    const sender = Program.start("udp-silent", endlessTs(makeClip("silent.mp4", asMp4), `${url}?pkt_size=1316`), "ffmpeg");
    const source = await publish(server, [url], "publish-silent");
    await sender.stop("SIGKILL");
    assert.equal(await source.program.stop("SIGINT"), 0);
  }));
