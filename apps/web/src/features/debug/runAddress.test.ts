import { expect, test } from "vitest";
import { parseSeed, possibleSettings, readAddress, writeAddress } from "./runAddress";
import type { ChangeKind } from "./simulation/module";

const kind = (name: string, initial: number, lasting = true): ChangeKind => ({ name, min: 0, max: 100, initial, lasting, ofPeer: false });
const kinds = [kind("viewers", 44), kind("loss_ppm", 10), kind("join", 0, false)];

test("a seed is a whole number that fits in 64 bits", () => {
  expect(parseSeed("4711")).toBe("4711");
  expect(parseSeed("007")).toBe("7");
  expect(parseSeed("18446744073709551615")).toBe("18446744073709551615");
  for (const wrong of ["", "-1", "1.5", "abc", "18446744073709551616", "1".repeat(21)]) expect(parseSeed(wrong)).toBeUndefined();
});

test("an address says the seed and only the settings that were moved, and is read back", () => {
  const query = writeAddress({ seed: "7", settings: { viewers: 60, loss_ppm: 10 } }, kinds);
  expect(query.toString()).toBe("seed=7&viewers=60");
  expect(readAddress(query)).toEqual({ seed: "7", settings: { viewers: 60 } });
});

test("what an address says wrongly is left out, what goes too far is brought within bounds", () => {
  const { seed, settings } = readAddress(new URLSearchParams("seed=x&viewers=99999&loss_ppm=-3&join=5&%3Cscript%3E=1"));
  expect(seed).toBeUndefined();
  expect(possibleSettings(settings, kinds)).toEqual({ viewers: 100 });
});
