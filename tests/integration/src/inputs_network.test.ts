import assert from "node:assert/strict";
import { once } from "node:events";
import { createReadStream, statSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { Program, unassignedPort } from "../../e2e/src/program.ts";
import { asMp4, endlessTs, makeClip } from "./media.ts";
import { watched, withServer } from "./peers.ts";

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

test("MPEG-TS is read over UDP", () =>
  withServer(async (server) => {
    const url = `udp://127.0.0.1:${await unassignedPort()}`;
    const sender = Program.start("udp-sender", endlessTs(makeClip("udp.mp4", asMp4), `${url}?pkt_size=1316`), "ffmpeg");
    try {
      const media = await watched(server, "udp", [url], 4);
      assert.ok(media.codecs.includes("h264"));
    } finally {
      await sender.stop("SIGKILL");
    }
  }));
