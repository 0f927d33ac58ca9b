import { expect, test } from "vitest";
import { scales } from "./scales";

test.each(Object.entries(scales))("%s: a slider that is not moved keeps its value, one that is moved goes one way", (_name, scale) => {
  const values = Array.from({ length: 201 }, (_, index) => scale.valueAt(index / 200));
  for (const value of values) expect(scale.valueAt(scale.positionOf(value))).toBeCloseTo(value, -Math.max(Math.log10(Math.max(value, 1)) - 1, 0));
  const lasting = values.filter((value) => value > 0);
  const sorted = lasting.toSorted((a, b) => a - b);
  expect([sorted, sorted.toReversed()]).toContainEqual(lasting);
});

test("churn at the left end is that everybody stays, at the right end seconds", () => {
  const { stay_s } = scales;
  expect(stay_s?.valueAt(0)).toBe(0);
  expect(stay_s?.valueAt(1)).toBe(5);
  expect(stay_s?.positionOf(0)).toBe(0);
  expect(stay_s?.positionOf(3_600)).toBeGreaterThan(0);
});
