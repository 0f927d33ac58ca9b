import { expect, test } from "vitest";
import { filterLog } from "./logFilter";
import type { LogLine } from "./simulation/module";

const line = (number: number, kind: string, peer: number, id: string, text: string): LogLine => ({ number, atUs: number, kind, peer, id, text });
const log = [
  line(4, "run", 0, "0000000000000000", "digest a7f3"),
  line(3, "feed", 2, "7f3a000000000000", "stripe 0 comes from 11bb"),
  line(2, "link", 1, "11bb000000000000", "dials 7f3a"),
  line(1, "event", 0, "9999000000000000", "the server is away"),
];
const numbers = (filter: Parameters<typeof filterLog>[1]) => filterLog(log, filter).map(({ number }) => number);

test("without a filter every line is there", () => {
  expect(numbers({ kind: undefined, peer: "" })).toEqual([4, 3, 2, 1]);
});

test("a kind leaves the lines of that kind, a peer those that are about it or name it", () => {
  expect(numbers({ kind: "feed", peer: "" })).toEqual([3]);
  expect(numbers({ kind: undefined, peer: "7f3a" })).toEqual([3, 2]);
  expect(numbers({ kind: "link", peer: "7f3a" })).toEqual([2]);
  expect(numbers({ kind: undefined, peer: "source" })).toEqual([1]);
});
