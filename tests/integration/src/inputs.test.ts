import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createReadStream, statSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { Program, type Server } from "../../e2e/src/program.ts";
import { asMp4, makeClip, playable, type Media } from "./media.ts";
import { publish, startWatcher, withServer } from "./peers.ts";

/** What a viewer wrote of `seconds` of a source. */
async function watched(server: Server, name: string, args: string[], seconds: number): Promise<Media> {
  const source = await publish(server, args, `publish-${name}`);
  const watcher = startWatcher(`watch-${name}`, source.watchUrl, ["--duration", String(seconds)]);
  assert.equal(await watcher.program.exited, 0, watcher.program.output);
  assert.equal(await source.program.stop("SIGINT"), 0, source.program.output);
  return playable(watcher.file);
}

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

test("a URL is read over HTTP", () =>
  withServer(async (server) => {
    const clip = makeClip("http.mp4", asMp4);
    const web = createHttpServer((request, response) => {
      const size = statSync(clip).size;
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      const ranges = { "Content-Type": "video/mp4", "Accept-Ranges": "bytes", "Content-Range": `bytes ${start}-${size - 1}/${size}` };
      response.writeHead(request.headers.range ? 206 : 200, { ...ranges, "Content-Length": size - start });
      createReadStream(clip, { start })
        .on("error", () => response.destroy())
        .pipe(response);
    });
    await once(web.listen(0, "127.0.0.1"), "listening");
    try {
      const { port } = web.address() as AddressInfo;
      const media = await watched(server, "http", [`http://127.0.0.1:${port}/clip.mp4`, "--loop"], 4);
      assert.deepEqual(media.codecs, ["aac", "h264"]);
    } finally {
      web.closeAllConnections();
      web.close();
    }
  }));

const endlessTs = (clip: string, output: string): string[] => [
  "-v",
  "error",
  "-re",
  "-stream_loop",
  "-1",
  "-i",
  clip,
  "-c",
  "copy",
  "-f",
  "mpegts",
  output,
];

test("MPEG-TS is read over TCP", () =>
  withServer(async (server) => {
    const clip = makeClip("tcp.mp4", asMp4);
    const tcp = createTcpServer((socket) => {
      const sender = spawn("ffmpeg", endlessTs(clip, "-"), { stdio: ["ignore", "pipe", "ignore"] });
      sender.stdout.pipe(socket);
      socket.on("error", () => {}).on("close", () => sender.kill());
    });
    await once(tcp.listen(0, "127.0.0.1"), "listening");
    try {
      const { port } = tcp.address() as AddressInfo;
      const media = await watched(server, "tcp", [`tcp://127.0.0.1:${port}`], 4);
      assert.ok(media.codecs.includes("h264"));
    } finally {
      tcp.close();
    }
  }));

async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

test("MPEG-TS is read over UDP", () =>
  withServer(async (server) => {
    const url = `udp://127.0.0.1:${await freeUdpPort()}`;
    const sender = Program.start("udp-sender", endlessTs(makeClip("udp.mp4", asMp4), `${url}?pkt_size=1316`), "ffmpeg");
    try {
      const media = await watched(server, "udp", [url], 4);
      assert.ok(media.codecs.includes("h264"));
    } finally {
      await sender.stop("SIGKILL");
    }
  }));

test("a source that waits for an input that does not come can be stopped", () =>
  withServer(async (server) => {
    const url = `udp://127.0.0.1:${await freeUdpPort()}`;
    const source = Program.start("publish-waiting", ["publish", url, "--server", server.url]);
    await source.says(/Still waiting for "udp:.*" to send something\./);
    assert.equal(await source.stop("SIGINT"), 130);
  }));

test("a source whose input fell silent can be stopped", () =>
  withServer(async (server) => {
    const url = `udp://127.0.0.1:${await freeUdpPort()}`;
    const sender = Program.start("udp-silent", endlessTs(makeClip("silent.mp4", asMp4), `${url}?pkt_size=1316`), "ffmpeg");
    const source = await publish(server, [url], "publish-silent");
    await sender.stop("SIGKILL");
    assert.equal(await source.program.stop("SIGINT"), 0);
  }));
