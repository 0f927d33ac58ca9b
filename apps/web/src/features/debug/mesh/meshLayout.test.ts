import { expect, test } from "vitest";
import type { FeedView, PeerView } from "../simulation/module";
import { feedingPaths, hopOf, meshLayout, neighborOf } from "./meshLayout";

const frame = { width: 600, height: 400, margin: 40 };

function peer(number: number, hop: number, stripeHops = Array<number>(8).fill(hop || (number === 0 ? 0 : -1))): PeerView {
  return {
    number,
    id: String(number).padStart(16, "0"),
    role: number === 0 ? "source" : "relay",
    state: "playing",
    poisons: false,
    score: 50,
    hop,
    stripeHops,
    delayMs: 0,
    bufferMs: 0,
    behindMs: 0,
    receivedBitsPerS: 0,
    fromSourceBitsPerS: 0,
    givenBitsPerS: 0,
    lineUpBitsPerS: 0,
    lineDownBitsPerS: 0,
  };
}
const feed = (from: number, to: number, stripes: number): FeedView => ({ from, to, stripes, relayed: false, bitsPerS: 1 });

// 0 feeds 1 and 2 half of the stripes each; 3 has both halves from them; 4 is not fed.
const peers = [peer(0, 0), peer(1, 1), peer(2, 1), peer(3, 2), peer(4, 0)];
const feeds = [feed(0, 1, 0x0f), feed(0, 2, 0xf0), feed(1, 3, 0x0f), feed(2, 3, 0xf0)];

test("columns go by hop from the source on, and who is not fed comes last", () => {
  const { columns, nodes } = meshLayout(peers, feeds, frame);
  expect(columns.map(({ hop, count }) => [hop, count])).toEqual([
    [0, 1],
    [1, 2],
    [2, 1],
    [undefined, 1],
  ]);
  const x = (number: number) => nodes.find((node) => node.peer.number === number)?.x ?? NaN;
  expect(x(0)).toBe(40);
  expect(x(4)).toBe(560);
  expect(x(1)).toBe(x(2));
});

test("one stripe has hops and lines of its own", () => {
  const one = peer(1, 5, [1, -1, 5, 2, 2, 2, -1, 3]);
  expect(hopOf(one, 0)).toBe(1);
  expect(hopOf(one, 1)).toBeUndefined();
  expect(hopOf(one)).toBe(2);
  expect(hopOf(peer(2, 1, Array<number>(8).fill(-1)))).toBeUndefined();
  expect(meshLayout(peers, feeds, frame, 0).edges.map((edge) => edge.feed)).toEqual([feeds[0], feeds[2]]);
});

test("the feeding paths of a peer lead from parent to parent to the source, as wide as they have stripes", () => {
  expect([...feedingPaths(feeds, 3, undefined)].map(([{ from, to }, stripes]) => [from, to, stripes])).toEqual([
    [1, 3, 4],
    [0, 1, 4],
    [2, 3, 4],
    [0, 2, 4],
  ]);
  expect([...feedingPaths(feeds, 3, 7)].map(([{ from, to }]) => [from, to])).toEqual([
    [2, 3],
    [0, 2],
  ]);
});

test("parents in a circle, as they are for a moment, do not hold it up", () => {
  expect(feedingPaths([feed(1, 2, 1), feed(2, 1, 1)], 1, undefined).size).toBe(2);
});

test("arrow keys go from column to column and within one", () => {
  const layout = meshLayout(peers, feeds, frame);
  expect(neighborOf(layout, undefined, "right")).toBe(0);
  expect([1, 2]).toContain(neighborOf(layout, 0, "right"));
  expect(neighborOf(layout, 1, "down")).toBe(2);
  expect(neighborOf(layout, 2, "up")).toBe(1);
  expect(neighborOf(layout, 3, "left")).not.toBe(0);
  expect(neighborOf(layout, 0, "left")).toBeUndefined();
});
