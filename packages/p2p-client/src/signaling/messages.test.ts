import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { answerSchema, events, readSignal, requests, signalSchema } from "./messages";

describe("what the server says", () => {
  it("may name a category of a later version", () => {
    const stream = { id: "0".repeat(20), title: "t", startedAt: 1, viewers: 2, sourceOnline: true, category: "gardening", tags: ["roses"] };
    expect(v.parse(requests["streams:watch"].answer, { streams: [stream], total: 1 }).streams[0]?.category).toBe("other");
  });

  it("is taken with fields that this version does not know", () => {
    const joined = {
      ok: true,
      news: 1,
      peerId: "0123456789abcdef",
      publicKey: "ab".repeat(32),
      sourcePeerId: "fedcba9876543210",
      stream: { id: "0".repeat(20), title: "t", startedAt: 1, viewers: 2, sourceOnline: true, more: true },
      candidates: [{ peerId: "0123456789abcdef", score: 50, role: "relay", receiving: true }],
    };
    expect(v.safeParse(requests["stream:join"].answer, joined).success).toBe(true);
    expect(v.safeParse(requests["stream:join"].answer, { ...joined, peerId: "0123" }).success).toBe(false);
    expect(v.safeParse(requests["stream:join"].answer, { ...joined, candidates: [{ ...joined.candidates[0], score: 101 }] }).success).toBe(false);
  });

  it("is refused beyond its limits", () => {
    expect(v.safeParse(signalSchema, { type: "offer", sdp: "x".repeat(16_385) }).success).toBe(false);
    expect(v.safeParse(signalSchema, { type: "candidate", candidate: "c", mid: "0" }).success).toBe(true);
    expect(v.safeParse(signalSchema, { type: "bye", reason: "", association: 3 }).success).toBe(true);
    expect(v.safeParse(signalSchema, { type: "bye", reason: "", association: 4 }).success).toBe(false);
    expect(v.safeParse(signalSchema, { type: "eval", code: "x" }).success).toBe(false);
  });

  it("may come from a server that tells neither networks nor receipts", () => {
    const event = { from: "0123456789abcdef", data: { type: "bye", reason: "full" } };
    expect(v.parse(events.signal, event).network).toBe(0);
    expect(v.parse(events.signal, { ...event, network: 7 }).network).toBe(7);
    expect(v.safeParse(events.signal, { ...event, network: 2 ** 32 }).success).toBe(false);
    expect(v.parse(requests.report.answer, { ok: true, score: 50, role: "relay" }).receipts).toEqual([]);
    const receipts = [{ peerId: "0123456789abcdef", bitsPerS: 3_000_000 }];
    expect(v.parse(requests.report.answer, { receipts }).receipts).toEqual(receipts);
    expect(v.safeParse(requests.report.answer, { receipts: [{ ...receipts[0], bitsPerS: Infinity }] }).success).toBe(false);
  });

  it("is read from what a neighbor carried only if it is a signal", () => {
    expect(readSignal('{"type":"bye","reason":"full"}')).toEqual({ type: "bye", reason: "full" });
    for (const text of ["", "{", "null", '{"type":"offer"}', '{"type":"bye","reason":7}']) expect(readSignal(text)).toBeUndefined();
  });

  it("is an answer or an error with a sentence", () => {
    expect(v.safeParse(answerSchema, { ok: false, error: { code: "full", message: "Try later." } }).success).toBe(true);
    expect(v.safeParse(answerSchema, { ok: false }).success).toBe(false);
  });
});
