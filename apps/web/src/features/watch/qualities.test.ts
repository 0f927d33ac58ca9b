import type { RenditionStats } from "@p2p-stream/client";
import { expect, test } from "vitest";
import { stepFrom } from "./qualities";

const rendition = (id: number, bitsPerS: number, played = false): RenditionStats => ({ id, width: 0, height: id, bitsPerS, played, nextPiece: 0 });
const renditions = [rendition(720, 3_000_000), rendition(360, 600_000), rendition(480, 1_200_000, true)];

test("a step goes to the neighbor in rate, in whatever order they are known", () => {
  expect(stepFrom(renditions, 1)?.id).toBe(720);
  expect(stepFrom(renditions, -1)?.id).toBe(360);
});

test("there is no step beyond the best and the least, nor before anything is played", () => {
  const best = [rendition(720, 3_000_000, true), rendition(360, 600_000)];
  expect(stepFrom(best, 1)).toBeUndefined();
  expect(stepFrom([rendition(720, 3_000_000)], -1)).toBeUndefined();
});
