import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const program = process.env.P2P_STREAM_BIN ?? path.join(root, "build/bin/p2p-stream");
const sanitized = path.join(root, "build/sanitize/bin/p2p-stream");

test("neither module wants anything from its host", () => {
  for (const name of ["p2p-stream", "p2p-simulator"]) {
    const module = new WebAssembly.Module(readFileSync(path.join(root, `build/wasm/bin/${name}.wasm`)));
    assert.deepEqual(WebAssembly.Module.imports(module), []);
  }
});

function simulator() {
  const module = new WebAssembly.Module(readFileSync(path.join(root, "build/wasm/bin/p2p-simulator.wasm")));
  const { exports } = new WebAssembly.Instance(module);
  exports._initialize?.();
  return exports;
}

const shown = (digest) => BigInt.asUintN(64, digest).toString(16).padStart(16, "0");

test("the same seed gives the same digest natively and in WebAssembly, and another seed another", () => {
  const exports = simulator();
  const folder = mkdtempSync(path.join(tmpdir(), "p2p-stream-"));
  const digests = new Set();
  for (const [seed, viewers, seconds] of [
    [1, 3, 30],
    [2, 5, 40],
    [3, 12, 20],
  ]) {
    const json = path.join(folder, `${seed}.json`);
    const args = ["simulate", "small", "--seed", seed, "--peers", viewers, "--seconds", seconds, "--json", json].map(String);
    execFileSync(program, args, { stdio: "pipe" });
    const native = JSON.parse(readFileSync(json, "utf8")).digest;
    const wasm = shown(exports.simulate_small(BigInt(seed), viewers, seconds));
    assert.equal(wasm, native, `seed ${seed}`);
    digests.add(native);
  }
  assert.equal(digests.size, 3);
});

test("a world with losses, NATs, faults and hostile peers also runs alike", () => {
  const exports = simulator();
  const folder = mkdtempSync(path.join(tmpdir(), "p2p-stream-"));
  for (const seed of [1, 4, 6]) {
    const json = path.join(folder, `random-${seed}.json`);
    // Whether everybody recovered is not the question here.
    spawnSync(program, ["simulate", "random", "--seed", String(seed), "--json", json], { stdio: "pipe" });
    const native = JSON.parse(readFileSync(json, "utf8")).digest;
    assert.equal(shown(exports.simulate_random(BigInt(seed))), native, `seed ${seed}`);
  }
});

/** A run of the live simulation, and the trace that repeats it. */
function liveRun(exports, seed) {
  const text = (address) => {
    const view = new DataView(exports.memory.buffer, address);
    return new TextDecoder().decode(new Uint8Array(exports.memory.buffer, view.getUint32(0, true), view.getUint32(4, true)));
  };
  const kinds = JSON.parse(text(exports.live_kinds()));
  const live = exports.live_new(BigInt(seed));
  const apply = (name, value, peer = 0) => text(exports.live_apply(live, kinds.findIndex((kind) => kind.name === name), value, peer));
  assert.equal(apply("viewers", 10), "");
  assert.notEqual(apply("viewers", 100_000), "", "out of bounds");
  exports.live_advance(live, 7_300_000);
  assert.equal(apply("crash", 0, 3), "");
  assert.equal(apply("poisoners_percent", 20), "");
  assert.equal(apply("latency_ms", 120), "");
  exports.live_advance(live, 4_700_000);
  const view = JSON.parse(text(exports.live_view(live)));
  assert.equal(view.atUs, 12_000_000);
  assert.ok(view.peers.length > 5 && view.feeds.length > 5);
  assert.ok(JSON.parse(text(exports.live_log(live, 0, 50))).length === 50);
  assert.equal(JSON.parse(text(exports.live_engine(live, 1))).role.length > 0, true);
  assert.equal(text(exports.live_engine(live, 3)), "null", "it crashed");
  const changes = JSON.parse(text(exports.live_changes(live)));
  const digest = shown(exports.live_digest(live));
  exports.live_free(live);
  const lines = [
    { type: "run", version: 1, seed: String(seed) },
    ...changes.map((change) => ({ type: "change", ...change })),
    { type: "digest", atUs: view.atUs, digest },
  ];
  return { digest, trace: lines.map((line) => `${JSON.stringify(line)}\n`).join("") };
}

test("a live run with changes on the way is repeated natively from its trace", () => {
  const exports = simulator();
  const folder = mkdtempSync(path.join(tmpdir(), "p2p-stream-"));
  const { digest, trace } = liveRun(exports, 9);
  assert.equal(liveRun(exports, 9).digest, digest);
  assert.notEqual(liveRun(exports, 10).digest, digest);
  const file = path.join(folder, "trace.jsonl");
  writeFileSync(file, trace);
  assert.match(execFileSync(program, ["simulate", "--replay", file], { encoding: "utf8" }), /as in the trace/);
  writeFileSync(file, trace.replace(digest, "0000000000000001"));
  assert.equal(spawnSync(program, ["simulate", "--replay", file]).status, 1, "another digest is not accepted");
});

test("another build, with other optimisations and sanitizers, runs alike", { skip: existsSync(sanitized) ? false : "build/sanitize is not built: make test does" }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "p2p-stream-"));
  for (const [name, seed] of [
    ["small", 1],
    ["random", 4],
  ]) {
    const digest = (binary) => {
      const json = path.join(folder, "figures.json");
      spawnSync(binary, ["simulate", name, "--seed", String(seed), ...(name === "small" ? ["--peers", "5", "--seconds", "20"] : []), "--json", json], { stdio: "pipe" });
      return JSON.parse(readFileSync(json, "utf8")).digest;
    };
    assert.equal(digest(sanitized), digest(program), `${name}, seed ${seed}`);
  }
});
