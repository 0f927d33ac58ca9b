import { expect, test } from "vitest";
import { ageMs, cells, decode, encode } from "./frameCode";

const seen = (code: readonly boolean[], white = 235, black = 16) => code.map((on) => (on ? white : black));

test("a time is read back from the cells' brightness, also of a grey and noisy picture", () => {
  for (const ms of [0, 1, 1_796_000_123_456, 2 ** 32 - 1]) {
    const code = encode(ms);
    expect(code).toHaveLength(cells);
    expect(decode(seen(code))).toBe(ms % 2 ** 32);
    expect(decode(seen(code, 190, 60).map((level, index) => level + (index % 5) * 4 - 8))).toBe(ms % 2 ** 32);
  }
});

test("a damaged code, and a picture that has none, are not read", () => {
  const code = encode(1_796_000_123_456);
  for (let cell = 2; cell < cells; ++cell) expect(decode(seen(code.with(cell, !code[cell])))).toBeUndefined();
  expect(decode(seen(code.map(() => false)))).toBeUndefined();
  expect(decode(seen(code.map(() => true)))).toBeUndefined();
  expect(decode([255, 0])).toBeUndefined();
});

test("the age is right across the turn of the counter", () => {
  expect(ageMs(2 ** 32 - 100, 2 ** 32 + 50)).toBe(150);
  expect(ageMs(1_000, 1_412)).toBe(412);
});
