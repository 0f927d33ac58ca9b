import { createPublicKey, hash, verify } from "node:crypto";
import { Engine, toPeerId, type Candidate } from "../../packages/p2p-client/src/engine/engine.ts";
import type { Module } from "../../packages/p2p-client/src/engine/module.ts";

/** What one engine was told (trace.hpp has the format, its other reader is trace.cpp). */
export interface Trace {
  seed: bigint;
  uploadBitsPerS: number;
  patienceUs: number;
  connectionsMax: number;
  key: Uint8Array<ArrayBuffer>;
  measuredFromUs: number;
  pieces: number;
  sentBytes: number;
  facts: Fact[];
}

interface Fact {
  kind: number;
  flag: number;
  atUs: number;
  peer: string;
  other: bigint;
  bytes: ArrayBuffer;
}

export interface Cost {
  pieces: number;
  cpuNs: number;
}

/** Answers about hashes and signatures in the order of the questions: with them the engine can be measured alone. */
export interface Answers {
  digests: Uint8Array[];
  valid: boolean[];
}

const roles = ["leaf", "relay", "super-seed", "source"] as const;

export function readTrace(file: Uint8Array): Trace {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let at = 0;
  const long = () => view.getBigUint64((at += 8) - 8, true);
  const number = () => Number(long());
  const bytes = (size: number) => new Uint8Array(file.subarray(at, (at += size)));
  const trace: Trace = {
    seed: long(),
    uploadBitsPerS: number(),
    patienceUs: number(),
    connectionsMax: number(),
    key: bytes(32),
    measuredFromUs: number(),
    pieces: number(),
    sentBytes: number(),
    facts: [],
  };
  number(); // bytes of pieces held: memory is the native half's
  while (at < view.byteLength) {
    const kind = view.getUint8(at++);
    const flag = view.getUint8(at++);
    const atUs = number();
    const peer = toPeerId(long());
    const other = long();
    const size = view.getUint32((at += 4) - 4, true);
    trace.facts.push({ kind, flag, atUs, peer, other, bytes: bytes(size).buffer });
  }
  return trace;
}

function candidatesIn(bytes: ArrayBuffer): Candidate[] {
  const view = new DataView(bytes);
  const found: Candidate[] = [];
  for (let at = 0; at < view.byteLength; at += 11) {
    found.push({
      peerId: toPeerId(view.getBigUint64(at, true)),
      score: view.getUint8(at + 8),
      role: roles[view.getUint8(at + 9)] ?? "leaf",
      receiving: view.getUint8(at + 10) !== 0,
      network: 0,
    });
  }
  return found;
}

/** As a driver does by events. */
function tell(engine: Engine, fact: Fact): void {
  switch (fact.kind) {
    case 0:
      return engine.joined(fact.peer, fact.flag ? toPeerId(fact.other) : undefined, candidatesIn(fact.bytes));
    case 1:
      return engine.candidatesFound(candidatesIn(fact.bytes));
    case 2:
      return engine.offerReceived(fact.peer, 0);
    case 3:
      return engine.linkUp(fact.peer, false);
    case 4:
      return engine.linkDown(fact.peer);
    case 5:
      return engine.messageReceived(fact.peer, fact.flag, fact.bytes);
    case 6:
      return engine.backlog(fact.peer, Number(fact.other));
    case 7:
      return engine.wake();
    default:
      throw new Error(`the trace has a fact ${fact.kind}, which this version does not know`);
  }
}

function cpuNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/**
 * Tells a new engine all of the trace. With no `known` answers hashes and signatures are computed by Node's own cryptography, and noted in
 * `noted` if given. Throws when the engine does other work than the native one did when the trace was recorded.
 */
export function replay(module: Module, trace: Trace, known?: Answers, noted?: Answers): Cost {
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(trace.key).toString("base64url") }, format: "jwk" });
  const clock = performance.now.bind(performance);
  let nowUs = 0;
  // The binding reads this clock, and rounds down to microseconds.
  performance.now = () => (nowUs + 0.5) / 1000;
  try {
    const engine = new Engine(module, {
      streamId: "00".repeat(10),
      seed: trace.seed,
      source: false,
      giving: true,
      connectionsMax: trace.connectionsMax,
      uploadBitsPerS: trace.uploadBitsPerS,
      patienceMs: trace.patienceUs / 1000,
    });
    let measuring = false;
    let startedNs = 0;
    let pieces = 0;
    let sentBytes = 0;
    let digests = 0;
    let signatures = 0;
    for (const fact of trace.facts) {
      if (!measuring && fact.atUs >= trace.measuredFromUs) {
        measuring = true;
        startedNs = cpuNs();
      }
      nowUs = fact.atUs;
      tell(engine, fact);
      for (let output = engine.poll(); output; output = engine.poll()) {
        if (output.kind === "send") {
          if (measuring) sentBytes += output.header.length + output.body.length;
        } else if (output.kind === "hashPiece") {
          if (measuring) pieces += 1;
          const digest = known ? known.digests[digests++]! : hash("sha256", output.bytes, "buffer").subarray(0, 16);
          noted?.digests.push(digest);
          engine.hashed(output.request, digest);
        } else if (output.kind === "checkSignature") {
          const valid = known ? known.valid[signatures++]! : verify(null, output.message, key, output.signature);
          noted?.valid.push(valid);
          engine.signatureChecked(output.request, valid);
        }
      }
      engine.nextWakeUs();
    }
    const cost = { pieces, cpuNs: cpuNs() - startedNs };
    engine.free();
    if (pieces !== trace.pieces || sentBytes !== trace.sentBytes) throw new Error("the engine did other work than the native one");
    return cost;
  } finally {
    performance.now = clock;
  }
}
