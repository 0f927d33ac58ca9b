import { describe, expect, it } from "vitest";
import { decideRate } from "./rateController";

const target = { bufferS: 0.5 };

describe("decideRate", () => {
  it("leaves the rate alone where it should be", () => {
    expect(decideRate(10, { startS: 0, endS: 10.5 }, target)).toEqual({ rate: 1 });
    expect(decideRate(10, { startS: 0, endS: 10.53 }, target)).toEqual({ rate: 1 });
  });

  it("plays faster when late and slower when early, within what nobody hears", () => {
    const late = decideRate(10, { startS: 0, endS: 10.8 }, target);
    const early = decideRate(10, { startS: 0, endS: 10.2 }, target);
    expect(late).toHaveProperty("rate");
    expect("rate" in late && late.rate).toBeGreaterThan(1);
    expect("rate" in early && early.rate).toBeLessThan(1);
    expect(decideRate(10, { startS: 0, endS: 11.4 }, target)).toEqual({ rate: 1.1 });
    expect(decideRate(10, { startS: 0, endS: 10 }, target)).toEqual({ rate: 0.95 });
  });

  it("jumps when more than a second late, to the right place", () => {
    expect(decideRate(10, { startS: 0, endS: 15 }, target)).toEqual({ jumpToS: 14.5 });
  });

  it("does not jump into the hole before what has just come", () => {
    expect(decideRate(10, { startS: 14.8, endS: 15 }, target)).toEqual({ jumpToS: 14.8 });
  });

  it("comes to rest without swinging", () => {
    let current = 0;
    let end = 1.4;
    for (let step = 0; step < 400; ++step) {
      const decision = decideRate(current, { startS: 0, endS: end }, target);
      const rate = "rate" in decision ? decision.rate : 1;
      current += 0.05 * rate;
      end += 0.05;
    }
    expect(Math.abs(end - current - target.bufferS)).toBeLessThan(0.05);
  });
});
