import { describe, expect, it } from "vitest";
import { FramePace } from "./framePace";

/** The intervals of what is made in ten seconds of a source with frames each `intervalMs`; a look each millisecond. */
function intervals(intervalMs: number, jitterMs = 0): number[] {
  const pace = new FramePace(30);
  const made: number[] = [];
  let next = 0;
  for (let nowMs = 0; nowMs < 10_000; ++nowMs) {
    const arrives = nowMs >= next;
    if (arrives) next += intervalMs + (Math.floor(nowMs) % 2 === 0 ? jitterMs : -jitterMs);
    const due = arrives ? pace.arrived(nowMs * 1000) : pace.overdue(nowMs * 1000);
    if (!due) continue;
    pace.made(nowMs * 1000);
    made.push(nowMs);
  }
  return made
    .slice(1)
    .map((at, index) => at - (made[index] ?? 0))
    .slice(20);
}

describe("the pace of frames", () => {
  it("is that of the leading source, also of a slow camera, without a frame in between", () => {
    for (const intervalMs of [33, 40, 50, 66]) {
      const between = intervals(intervalMs, 4);
      expect(Math.min(...between)).toBeGreaterThanOrEqual(intervalMs - 5);
      expect(Math.max(...between)).toBeLessThanOrEqual(intervalMs + 5);
    }
  });

  it("is a frame at least each tenth of a second when nothing moves", () => {
    expect(Math.max(...intervals(Infinity))).toBeLessThanOrEqual(101);
  });

  it("is not above the stream's rate by much for a source of sixty frames", () => {
    expect(Math.min(...intervals(16.7))).toBeGreaterThanOrEqual(20);
  });
});
