import { describe, expect, it } from "vitest";
import { AudioClock } from "./audioClock";

const frameUs = 10_000;

describe("the clock of the sound", () => {
  it("goes by the frames that come soonest", () => {
    const clock = new AudioClock();
    for (let n = 1; n <= 500; ++n) clock.arrived(n * frameUs, 5_000_000 + n * frameUs + (n % 7 === 0 ? 0 : 40_000));
    expect(Math.abs(clock.at(0) - 5_000_000)).toBeLessThan(1_000);
  });

  it("follows a clock that runs a little slower", () => {
    const clock = new AudioClock();
    for (let n = 1; n <= 100_000; ++n) clock.arrived(n * frameUs, n * frameUs * 1.00005);
    expect(Math.abs(clock.at(100_000 * frameUs) - 100_000 * frameUs * 1.00005)).toBeLessThan(5_000);
  });

  it("starts anew after a sleep, and after a pause of the page only when it lasts", () => {
    const clock = new AudioClock();
    for (let n = 1; n <= 100; ++n) expect(clock.arrived(n * frameUs, n * frameUs)).toBe(false);
    // The page was busy for half a second: what waited comes at once.
    for (let n = 101; n <= 130; ++n) expect(clock.arrived(n * frameUs, 1_300_000 + 300_000)).toBe(false);
    expect(Math.abs(clock.at(0))).toBeLessThan(1_000);
    let jumps = 0;
    for (let n = 131; n <= 300; ++n) jumps += Number(clock.arrived(n * frameUs, n * frameUs + 60_000_000));
    expect(jumps).toBe(1);
    expect(Math.abs(clock.at(0) - 60_000_000)).toBeLessThan(1_000);
  });
});
