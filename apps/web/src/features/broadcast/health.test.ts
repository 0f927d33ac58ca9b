import type { BroadcastSnapshot, BroadcastStats } from "@p2p-stream/client";
import { describe, expect, it } from "vitest";
import { healthOf, type SentSecond } from "./health";

const snapshot: BroadcastSnapshot = { state: "live", serverAway: false, details: { title: "t" } };
const stats = { pausedHeights: [] as number[] } as BroadcastStats;
const seconds = (second: Partial<SentSecond>) =>
  Array.from({ length: 60 }, () => ({ sentBitsPerS: 3e6, droppedFrames: 0, lineFull: false, ...second }));

describe("the health of a stream", () => {
  it("names the worst cause first", () => {
    expect(healthOf(snapshot, stats, seconds({}))).toBe("good");
    expect(healthOf(snapshot, { ...stats, pausedHeights: [1080] }, seconds({}))).toBe("paused");
    expect(healthOf(snapshot, stats, seconds({ droppedFrames: 5 }))).toBe("machine-busy");
    expect(healthOf(snapshot, stats, seconds({ droppedFrames: 5, lineFull: true }))).toBe("upload-full");
    expect(healthOf({ ...snapshot, serverAway: true }, stats, seconds({ lineFull: true }))).toBe("server-away");
  });

  it("forgives a frame, and a bad second", () => {
    expect(healthOf(snapshot, stats, seconds({ droppedFrames: 1 }))).toBe("good");
    expect(healthOf(snapshot, stats, [...seconds({}), ...seconds({ lineFull: true }).slice(0, 1)])).toBe("good");
  });
});
