import assert from "node:assert/strict";
import { test } from "node:test";
import { Program, programPath } from "../../e2e/src/program.ts";
import { inFolder, playable } from "./media.ts";
import { publish, smallPattern, startWatcher, statsOf, withServer } from "./peers.ts";

test("viewers of a source with one connection relay to each other and write what plays without a gap", () =>
  withServer(async (server) => {
    const source = await publish(server, [...smallPattern, "--connections-max", "1"]);
    const watchers = ["viewer-1", "viewer-2", "viewer-3"].map((name) => startWatcher(name, source.watchUrl, ["--duration", "8"]));
    for (const { program } of watchers) assert.equal(await program.exited, 0, program.output);
    for (const watcher of watchers) {
      const media = playable(watcher.file);
      assert.deepEqual(media.codecs, ["h264", "opus"]);
      assert.ok(media.videoS > 7 && media.audioS > 7, JSON.stringify(media));
    }
    const all = watchers.map((watcher) => statsOf(watcher));
    assert.ok(
      all.some((stats) => (stats?.receivedFromPeersBytes ?? 0) > 0),
      "nobody received from a viewer",
    );
    assert.equal(await source.program.stop("SIGINT"), 0);
  }));

test("a stream goes through a pipe", () =>
  withServer(async (server) => {
    const source = await publish(server, smallPattern);
    const file = inFolder("piped.mp4");
    const pipe = Program.start("pipe", ["-c", '"$0" watch "$1" -o - --duration 4 | cat >"$2"', programPath, source.watchUrl, file], "/bin/sh");
    assert.equal(await pipe.exited, 0, pipe.output);
    assert.ok(playable(file).videoS > 3);
    await source.program.stop("SIGINT");
  }));

test("a reader of the pipe that goes away ends the watching with a sentence", () =>
  withServer(async (server) => {
    const source = await publish(server, smallPattern);
    const pipe = Program.start("closed-pipe", ["-c", '"$0" watch "$1" -o - | head -c 1000 >/dev/null', programPath, source.watchUrl], "/bin/sh");
    await pipe.exited;
    assert.match(pipe.output, /The program that read standard output has ended\./);
    await source.program.stop("SIGINT");
  }));

test("when the source ends, viewers are told and end well", () =>
  withServer(async (server) => {
    const source = await publish(server, smallPattern);
    const watcher = startWatcher("ends", source.watchUrl);
    await watcher.program.says(/watching "Test pattern"/);
    assert.equal(await source.program.stop("SIGINT"), 0);
    assert.equal(await watcher.program.exited, 0);
    assert.match(watcher.program.output, /The stream has ended\./);
  }));
