import { describe, expect, it } from "vitest";
import { QualityGovernor, type SourceLoad, type Verdict } from "./qualityGovernor";

const good: SourceLoad = { frames: 60, dropped: 0, line: "free", uploadBitsPerS: 6e6 };
const busy: SourceLoad = { ...good, dropped: 20 };
const narrow: SourceLoad = { ...good, line: "full", uploadBitsPerS: 4e6 };

/** The verdicts of so many seconds, with the second of each. */
function lookFor(governor: QualityGovernor, seconds: number, load: SourceLoad, canResume = true): [number, Verdict][] {
  const verdicts: [number, Verdict][] = [];
  for (let second = 1; second <= seconds; ++second) {
    const verdict = governor.look(load, true, canResume);
    if (verdict) verdicts.push([second, verdict]);
  }
  return verdicts;
}

describe("the best quality", () => {
  it("is left out when the machine or the line cannot bear it, with the reason", () => {
    expect(lookFor(new QualityGovernor(), 3, busy)).toEqual([[3, { kind: "pause", why: "machine", uploadBitsPerS: 6e6 }]]);
    expect(lookFor(new QualityGovernor(), 2, narrow)).toEqual([[2, { kind: "pause", why: "upload", uploadBitsPerS: 4e6 }]]);
  });

  it("is left out later when there is one link to judge the line by", () => {
    expect(lookFor(new QualityGovernor(), 5, { ...narrow, line: "perhaps-full" })).toEqual([
      [5, { kind: "pause", why: "upload", uploadBitsPerS: 4e6 }],
    ]);
  });

  it("stays for a frame or two, and for a single bad second", () => {
    const governor = new QualityGovernor();
    expect(lookFor(governor, 60, { ...good, dropped: 2 }, false)).toEqual([]);
    expect(lookFor(governor, 1, busy, false)).toEqual([]);
    expect(lookFor(governor, 60, good, false)).toEqual([]);
  });

  it("comes back after a calm, and later each time that it was too early", () => {
    const governor = new QualityGovernor();
    /** Seconds until there is a verdict. */
    const wait = (load: SourceLoad, kind: Verdict["kind"]): number => {
      for (let second = 1; second < 2_000; ++second) {
        const verdict = governor.look(load, true, true);
        if (verdict) return verdict.kind === kind ? second : NaN;
      }
      return Infinity;
    };
    const waits = [0, 1, 2, 3].map(() => {
      wait(busy, "pause");
      return wait(good, "resume");
    });
    expect(waits).toEqual([38, 68, 128, 248]);
  });
});
