import { expect, test } from "vitest";
import { Pace } from "./pace";

test("at twice the speed two milliseconds are due for each that goes by, and what is reached is no longer due", () => {
  const pace = new Pace();
  pace.speed = 2;
  expect(pace.due(1_000)).toBe(0);
  expect(pace.due(1_050)).toBe(100);
  pace.reached(60, 1_055);
  expect(pace.due(1_060)).toBe(60);
});

test("a page that was held up does not hurry after the time it lost", () => {
  const pace = new Pace();
  pace.due(0);
  expect(pace.due(60_000)).toBe(250);
  expect(pace.due(120_000)).toBe(250);
});

test("a pause is not due, and at most speed there is no end", () => {
  const pace = new Pace();
  pace.due(0);
  pace.due(100);
  pace.resume();
  expect(pace.due(90_000)).toBe(0);
  pace.speed = "max";
  expect(pace.due(90_010)).toBe(Infinity);
});

test("the rate is the virtual time of the last seconds over the real one", () => {
  const pace = new Pace();
  expect(pace.rate()).toBe(0);
  for (let ms = 0; ms <= 10_000; ms += 100) pace.reached(ms < 5_000 ? 100 : 50, ms);
  expect(pace.rate()).toBeCloseTo(0.5, 1);
});
