import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Module } from "../../packages/p2p-client/src/engine/module.ts";
import { percentile, writeReport } from "../e2e/report.ts";
import { readTrace, replay, type Answers } from "./replay.ts";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const children = Number(process.env.CHILDREN ?? 8);
const rounds = Number(process.env.ROUNDS ?? 9);
const program = path.join(root, "build/bin/bench-engine");
const traceFile = path.join(root, "build/bench/engine.trace");

interface Native {
  pieces: number;
  cpu_ns: number;
  cpu_ns_engine: number;
  bytes_held: number;
  piece_bytes_held: number;
}

mkdirSync(path.dirname(traceFile), { recursive: true });
execFileSync(program, ["record", traceFile, String(children)], { stdio: "inherit" });
const trace = readTrace(readFileSync(traceFile));
const module = await Module.fromBytes(readFileSync(path.join(root, "packages/p2p-client/wasm/p2p-stream.wasm")));
const answers: Answers = { digests: [], valid: [] };
replay(module, trace, undefined, answers); // also lets the compiler see it once

const native: Native[] = [];
const wasm: { whole: number; engine: number }[] = [];
for (let round = 0; round < rounds; ++round) {
  native.push(JSON.parse(execFileSync(program, ["replay", traceFile], { encoding: "utf8" })) as Native);
  wasm.push({ whole: replay(module, trace).cpuNs, engine: replay(module, trace, answers).cpuNs });
}

const median = (values: number[]) => percentile(values, 0.5);
const nsPerPiece = (cpuNs: number[]) => median(cpuNs) / trace.pieces;
const nativeNs = nsPerPiece(native.map(({ cpu_ns }) => cpu_ns));
const wasmNs = nsPerPiece(wasm.map(({ whole }) => whole));
const nativeEngineNs = nsPerPiece(native.map(({ cpu_ns_engine }) => cpu_ns_engine));
const wasmEngineNs = nsPerPiece(wasm.map(({ engine }) => engine));
const bytesPerPeer = median(native.map(({ bytes_held, piece_bytes_held }) => bytes_held - piece_bytes_held));
// Medians of rounds in turn; a ratio of its own for each, so that what slowed both does not count.
const ratio = median(wasm.map(({ whole }, i) => whole / native[i]!.cpu_ns));
const engineRatio = median(wasm.map(({ engine }, i) => engine / native[i]!.cpu_ns_engine));

writeReport("engine", {
  native: { pieces_per_s: Math.round(1e9 / nativeNs), ns_per_piece: Math.round(nativeNs), bytes_per_peer: bytesPerPeer },
  wasm: { pieces_per_s: Math.round(1e9 / wasmNs), ns_per_piece: Math.round(wasmNs) },
  wasm_over_native: Number(ratio.toFixed(2)),
});
const us = (ns: number) => `${(ns / 1000).toFixed(1)} us`;
console.log(`A relay with ${children} children, ${trace.pieces} pieces in 60 s of stream, medians of ${rounds} rounds in turn:`);
console.log(`  native       ${us(nativeNs)} a piece (${Math.round(1e9 / nativeNs)} pieces/s a core); the engine alone ${us(nativeEngineNs)}`);
console.log(
  `  WebAssembly  ${us(wasmNs)} a piece (${Math.round(1e9 / wasmNs)} pieces/s a core); the engine and its binding alone ${us(wasmEngineNs)}`,
);
console.log(`  WebAssembly takes ${ratio.toFixed(2)} times as long as native; without hashes and signatures ${engineRatio.toFixed(2)} times`);
const megabytes = (median(native.map(({ piece_bytes_held }) => piece_bytes_held)) / 1e6).toFixed(1);
console.log(`  memory       ${Math.round(bytesPerPeer / 1000)} kB a peer, and ${megabytes} MB for the pieces of its window`);
