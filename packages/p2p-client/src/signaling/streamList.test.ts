import { describe, expect, it } from "vitest";
import type { AnswerTo, EventOf, LiveStream, StreamFilter } from "./messages";
import type { Signaling } from "./signaling";
import { StreamList } from "./streamList";

const stream = (id: string, more: Partial<LiveStream> = {}): LiveStream => ({
  id: id.repeat(20),
  title: id,
  category: "other",
  tags: [],
  startedAt: 1,
  viewers: 0,
  sourceOnline: true,
  ...more,
});

/** A server that answers when it is told to. */
class FakeSignaling {
  readonly asked: { filter: StreamFilter; answer: (answer: AnswerTo<"streams:watch">) => void }[] = [];
  readonly told: string[] = [];
  connected = true;
  delta: (delta: EventOf<"streams:delta">) => void = () => {};

  onConnected(listener: () => void): () => void {
    listener();
    return () => {};
  }
  on(_event: string, listener: (delta: EventOf<"streams:delta">) => void): () => void {
    this.delta = listener;
    return () => (this.delta = () => {});
  }
  request(_event: string, filter: StreamFilter, taken: (answer: AnswerTo<"streams:watch">) => void): Promise<void> {
    this.asked.push({ filter, answer: taken });
    return Promise.resolve();
  }
  tell(event: string): void {
    this.told.push(event);
  }
}

function listOf(filter?: StreamFilter) {
  const signaling = new FakeSignaling();
  const list = new StreamList(signaling as unknown as Signaling, filter);
  const stop = list.subscribe();
  return { signaling, list, stop, titles: () => list.current()?.map(({ title }) => title) };
}

describe("the list of streams", () => {
  it("begins with the answer and follows the deltas, in the order asked for", () => {
    const { signaling, list, titles } = listOf({ sort: "viewers" });
    expect(titles()).toBeUndefined();
    signaling.asked[0]?.answer({ streams: [stream("a", { viewers: 3 }), stream("b", { viewers: 5 })], total: 9 });
    expect(titles()).toEqual(["b", "a"]);
    expect(list.total).toBe(9);
    signaling.delta({ added: [stream("c", { viewers: 4 })], updated: [stream("a", { viewers: 6 })], removed: [stream("b").id], total: 8 });
    expect(titles()).toEqual(["a", "c"]);
    expect(list.total).toBe(8);
  });

  it("shows the newest first unless asked otherwise", () => {
    const { signaling, titles } = listOf();
    expect(signaling.asked[0]?.filter).toEqual({ sort: "newest" });
    signaling.asked[0]?.answer({ streams: [stream("a"), stream("b", { startedAt: 2 })], total: 2 });
    expect(titles()).toEqual(["b", "a"]);
  });

  it("changes its filter on the same connection, and keeps the old list until the answer", () => {
    const { signaling, list, titles } = listOf();
    signaling.asked[0]?.answer({ streams: [stream("a")], total: 1 });
    list.setFilter({ category: "music" });
    signaling.delta({ added: [stream("b", { startedAt: 2 })], updated: [], removed: [], total: 2 });
    expect([...(titles() ?? [])].sort()).toEqual(["a", "b"]);
    list.setFilter({ category: "games" });
    signaling.asked[1]?.answer({ streams: [stream("m")], total: 1 });
    expect([...(titles() ?? [])].sort(), "an answer to what is no longer wanted").toEqual(["a", "b"]);
    signaling.asked[2]?.answer({ streams: [stream("g")], total: 1 });
    expect(titles()).toEqual(["g"]);
  });

  it("is given up when nobody looks any more", () => {
    const { signaling, list, stop } = listOf();
    stop();
    expect(signaling.told).toEqual(["streams:unwatch"]);
    list.setFilter({ category: "music" });
    expect(signaling.asked).toHaveLength(1);
  });
});
