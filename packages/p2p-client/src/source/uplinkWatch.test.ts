import { describe, expect, it } from "vitest";
import type { NeighborStats } from "../engine/engine";
import { UplinkWatch, type LineState } from "./uplinkWatch";

/** Neighbors after so many seconds, to each of whom so many pieces a second could not be sent. */
const after = (seconds: number, unsentPerS: number[]): NeighborStats[] =>
  unsentPerS.map((unsent, index) => ({
    peerId: String(index),
    role: "relay",
    hop: 1,
    stripesIn: 0,
    stripesOut: 8,
    rttMs: 20,
    relayed: false,
    receivedBytes: 0,
    givenBytes: seconds * 300_000,
    receivedBytes10s: 0,
    givenBytes10s: 3_000_000,
    heldUp: seconds * unsent,
  }));

const secondLook = (unsentPerS: number[]): LineState => {
  const watch = new UplinkWatch();
  expect(watch.look(after(10, unsentPerS))).toBe("free");
  return watch.look(after(11, unsentPerS));
};

describe("the source's own line", () => {
  it("is full when half of the links or more are late", () => {
    expect(secondLook([3, 3, 0, 0])).toBe("full");
    expect(secondLook([1])).toBe("perhaps-full");
  });

  it("is not full for one viewer's line, or for nobody", () => {
    expect(secondLook([9, 0, 0])).toBe("free");
    expect(secondLook([0, 0])).toBe("free");
    expect(secondLook([])).toBe("free");
  });
});
