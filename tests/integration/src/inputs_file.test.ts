import assert from "node:assert/strict";
import { test } from "node:test";
import { asMp4, makeClip, playable } from "./media.ts";
import { publish, startWatcher, watched, withServer } from "./peers.ts";

test("a file of H.264 and AAC is passed on as it is, and begins again without a gap", () =>
  withServer(async (server) => {
    const media = await watched(server, "copy", [makeClip("copy.mp4", asMp4), "--loop"], 9);
    assert.deepEqual(media.codecs, ["aac", "h264"]);
    assert.ok(media.videoS > 8, JSON.stringify(media));
  }));

test("a file of anything else is encoded", () =>
  withServer(async (server) => {
    const clip = makeClip("encode.avi", ["-c:v", "mpeg4", "-c:a", "mp2"]);
    const media = await watched(server, "encode", [clip, "--loop", "--video-bitrate", "300k"], 5);
    assert.deepEqual(media.codecs, ["h264", "opus"]);
  }));

test("a file without --loop ends the stream for everybody", () =>
  withServer(async (server) => {
    const source = await publish(server, [makeClip("once.mp4", asMp4)]);
    const watcher = startWatcher("once", source.watchUrl);
    assert.equal(await source.program.exited, 0);
    assert.match(source.program.output, /The input has ended\./);
    assert.equal(await watcher.program.exited, 0);
    assert.match(watcher.program.output, /The stream has ended\./);
    playable(watcher.file);
  }));
