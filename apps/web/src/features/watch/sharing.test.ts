import { expect, test } from "vitest";
import { readChoice, sharingOf, unanswered, writeChoice, type SharingChoice } from "./sharing";

const chosen: SharingChoice = { answered: true, giving: true, hidden: false, uploadMbitPerS: 8, onMobileData: false };
const nothingGiven = { giving: false, uploadBitsPerSMax: 0, relayOnly: true };

test("with a notice a viewer shares from the first moment", () => {
  expect(sharingOf(unanswered, "notice", undefined)).toEqual({ giving: true, uploadBitsPerSMax: 0, relayOnly: false });
});

test("where the host asks, nothing is given and no address shown until the answer", () => {
  expect(sharingOf(unanswered, "ask", undefined)).toEqual(nothingGiven);
  expect(sharingOf(chosen, "ask", undefined)).toEqual({ giving: true, uploadBitsPerSMax: 8_000_000, relayOnly: false });
});

test("where the host wants no peers, no answer changes that", () => {
  expect(sharingOf(chosen, "off", undefined)).toEqual(nothingGiven);
});

test("a low battery, mobile data and a page out of sight only receive", () => {
  for (const saving of ["battery", "mobile-data", "out-of-sight"] as const) expect(sharingOf(chosen, "notice", saving).giving).toBe(false);
});

test("on mobile data a viewer shares if he said so; a low battery still receives only", () => {
  const anywhere = { ...chosen, onMobileData: true };
  expect(sharingOf(anywhere, "notice", "mobile-data").giving).toBe(true);
  expect(sharingOf(anywhere, "notice", "battery").giving).toBe(false);
});

test("a choice is kept", () => {
  expect(readChoice(writeChoice({ ...chosen, hidden: true }))).toEqual({ ...chosen, hidden: true });
  expect(readChoice(null)).toEqual(unanswered);
});

test.each(["", "null", "7", "[]", "{", '{"giving":"no","uploadMbitPerS":-4}', '{"uploadMbitPerS":51,"hidden":1}'])(
  "what is no choice counts as none: %s",
  (text) => {
    expect(readChoice(text)).toEqual(unanswered);
  },
);
