import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { Engine, fromHex, toBigInt, toHex, toPeerId, type Output } from "./engine";
import { Module } from "./module";
import { PartStore } from "../player/partStore";

const load = async () => Module.fromBytes(await readFile(new URL("../../wasm/p2p-stream.wasm", import.meta.url)));
const options = { streamId: "00".repeat(10), seed: 1n, giving: true, connectionsMax: 8, uploadBitsPerS: 1e7, patienceMs: 2500 };

function drain(engine: Engine): Output[] {
  const outputs: Output[] = [];
  for (let output = engine.poll(); output; output = engine.poll()) outputs.push(structuredClone(output));
  return outputs;
}

describe("Engine", () => {
  it("names peers the same on both sides", () => {
    for (const peer of ["00000000000000ab", "ffffffffffffffff", "8000000000000000"]) expect(toPeerId(toBigInt(peer))).toBe(peer);
    expect(toHex(fromHex("00ff7a"))).toBe("00ff7a");
  });

  it("dials the source and the candidates that it is told of, and greets who answers", async () => {
    const engine = new Engine(await load(), { ...options, source: false });
    engine.joined("0000000000000001", "0000000000000002", [{ peerId: "0000000000000003", score: 50, role: "relay", receiving: true, network: 0 }]);
    const dialled = drain(engine).filter(({ kind }) => kind === "dial");
    expect(dialled.map((output) => "peer" in output && output.peer)).toEqual(["0000000000000002", "0000000000000003"]);
    engine.linkUp("0000000000000002", false);
    const sent = drain(engine).filter(({ kind }) => kind === "send");
    expect(sent).toHaveLength(1);
    const stats = engine.stats();
    expect(stats.neighbors.map(({ peerId, role }) => [peerId, role])).toEqual([["0000000000000002", "source"]]);
    expect([stats.receivedFromEdgeBytes, stats.uploadUsedBitsPerS, stats.bufferMs, stats.decisions]).toEqual([0, 0, 0, []]);
    engine.free();
  });

  it("sends signals through the server while it is there, and without it through nobody who is no neighbor", async () => {
    const engine = new Engine(await load(), { ...options, source: false });
    engine.joined("0000000000000001", "0000000000000002", []);
    drain(engine);
    const text = JSON.stringify({ type: "offer", sdp: "v=0\r\n€" });
    engine.signalReady("0000000000000002", text);
    expect(drain(engine)).toEqual([{ kind: "sendSignal", peer: "0000000000000002", text }]);
    engine.signalingAway();
    engine.signalReady("0000000000000002", text);
    expect(drain(engine)).toEqual([]);
    engine.free();
  });

  it("may be told something while its outputs are carried out", async () => {
    const engine = new Engine(await load(), { ...options, source: false });
    engine.joined("0000000000000001", "0000000000000002", [{ peerId: "0000000000000003", score: 50, role: "relay", receiving: true, network: 0 }]);
    engine.timeStandsStill = true;
    expect(engine.poll()?.kind).toBe("dial");
    const before = performance.now();
    while (performance.now() < before + 2); // time goes on outside
    engine.linkDown("0000000000000002");
    drain(engine);
    engine.timeStandsStill = false;
    engine.wake();
    engine.free();
  });

  it("asks for hashes and a signature for what a source produces", async () => {
    const engine = new Engine(await load(), { ...options, source: true });
    engine.joined("0000000000000001", undefined, []);
    engine.renditionProduced({ id: 3, codecs: "opus", width: 0, height: 0, bitsPerS: 96_000, init: new Uint8Array(100) });
    drain(engine);
    const part = { rendition: 3, segment: 0, part: 0, independent: true, mediaTimeUs: 0, durationUs: 200_000, capturedUs: 1, bytes: new Uint8Array(30_000).fill(7), segmentsLeft: 0 };
    engine.partProduced(part);
    const hashes = drain(engine);
    expect(hashes.map(({ kind }) => kind)).toEqual(["hashPiece", "hashPiece", "hashPiece"]);
    expect(hashes.reduce((sum, output) => sum + ("bytes" in output ? output.bytes.length : 0), 0)).toBe(30_000);
    for (const output of hashes) if (output.kind === "hashPiece") engine.hashed(output.request, new Uint8Array(16));
    expect(drain(engine).map(({ kind }) => kind)).toContain("sign");
    expect(() => engine.partProduced({ ...part, bytes: new Uint8Array(0) })).toThrow(RangeError);
    expect(() => engine.partProduced({ ...part, rendition: 8 })).toThrow(RangeError);
    expect(() => engine.renditionProduced({ id: 8, codecs: "opus", width: 0, height: 0, bitsPerS: 1, init: new Uint8Array(9) })).toThrow(RangeError);
    engine.free();
  });
});

describe("PartStore", () => {
  const part = (segment: number, index: number, rendition = 0) => ({
    rendition,
    segment,
    part: index,
    independent: index === 0,
    discontinuous: false,
    mediaTimeUs: segment * 2_000_000 + index * 200_000,
    durationUs: 200_000,
    capturedUs: 1_700_000_000_000_000 + segment * 2_000_000 + (index + 1) * 200_000,
    bytes: new Uint8Array([segment, index]),
  });

  it("lists parts, joins them to segments and answers a blocking reload when the part comes", async () => {
    const store = new PartStore(await load());
    for (let index = 0; index < 10; ++index) store.add(part(3, index));
    let answered = false;
    const waiting = store.waitFor(4, 0, new AbortController().signal).then(() => (answered = true));
    await Promise.resolve();
    expect(answered).toBe(false);
    store.add(part(4, 0));
    await waiting;
    const playlist = store.playlist();
    expect(playlist).toContain("#EXT-X-MEDIA-SEQUENCE:3");
    expect(playlist).toContain("s3.p0.m4s\n");
    expect(playlist).toContain("s3.rest.m4s\n");
    expect(playlist).toContain('URI="s4.p0.m4s"');
    expect(playlist).toContain("CAN-BLOCK-RELOAD=YES");
    expect(store.segment(3)).toHaveLength(20);
    expect(store.part(9, 9)).toBeUndefined();
    store.free();
  });

  it("names the header of each rendition where its segments begin", async () => {
    const store = new PartStore(await load());
    for (let index = 0; index < 10; ++index) store.add(part(3, index, 1));
    store.add(part(4, 0, 5));
    const playlist = store.playlist();
    expect(playlist.indexOf("init1.mp4")).toBeLessThan(playlist.indexOf("s3.p0.m4s"));
    expect(playlist.indexOf("init5.mp4")).toBeGreaterThan(playlist.indexOf("s3.rest.m4s"));
    expect(playlist.indexOf("init5.mp4")).toBeLessThan(playlist.indexOf("s4.p0.m4s"));
    expect(store.header(1)).toBeUndefined();
    store.free();
  });

  it("knows the media time of what was captured at some time", async () => {
    const store = new PartStore(await load());
    store.add(part(0, 0));
    store.add(part(0, 1));
    expect(store.mediaTimeS(1_700_000_000_300)).toBeCloseTo(0.3, 3);
    expect(store.mediaTimeS(1_699_999_999_000)).toBeUndefined();
    store.free();
  });

  it("keeps a bounded number of segments", async () => {
    const store = new PartStore(await load());
    for (let segment = 0; segment < 40; ++segment) store.add(part(segment, 0));
    expect(store.part(0, 0)).toBeUndefined();
    expect(store.part(39, 0)).toBeDefined();
    store.free();
  });
});
