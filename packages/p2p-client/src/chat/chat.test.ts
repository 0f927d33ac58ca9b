import { describe, expect, it, vi } from "vitest";
import type { ChatOutput } from "../engine/engine";
import { Chat } from "./chat";
import { fitName } from "./identity";
import { isChatName, type ChatMessage } from "./types";

const message = (id: string, timeMs: number, more: Partial<ChatMessage> = {}): ChatMessage => ({
  id,
  author: "a".repeat(32),
  streamer: false,
  own: false,
  timeMs,
  counter: 0,
  name: "Fen Road",
  text: id,
  ...more,
});

/** A chat of a streamer, and what its engine is told; answers are given by hand. */
function room() {
  const told: unknown[][] = [];
  const chat = new Chat({ streamer: true, name: "  Harbor\u202e cam\n" });
  void chat.begin({ authorKey: undefined, do: (fact, ...given) => void told.push([fact, ...given]) });
  const shows = (...messages: ChatMessage[]) => messages.forEach((one) => chat.take({ kind: "chatShown", message: one, number: 0 }));
  const sent = (number: number, state: Extract<ChatOutput, { kind: "chatSent" }>["state"], waitMs = 0) =>
    chat.take({ kind: "chatSent", number, state, waitMs });
  return { chat, told, shows, sent, texts: () => chat.current().messages.map(({ text }) => text) };
}

describe("Chat", () => {
  it("introduces the streamer by a name that may be one", () => {
    const { told, chat } = room();
    expect(told).toEqual([["chatAs", undefined, "Harbor cam"]]);
    expect(chat.current().name).toBe("Harbor cam");
  });

  it("keeps messages in the one order, however they come, and takes out what is hidden", () => {
    const { chat, shows, texts } = room();
    shows(message("c", 3), message("a", 1), message("b2", 2, { counter: 1 }), message("b1", 2), message("b0", 2));
    expect(texts()).toEqual(["a", "b0", "b1", "b2", "c"]);
    chat.take({ kind: "chatHidden", ids: ["b1", "nothing"] });
    expect(texts()).toEqual(["a", "b0", "b2", "c"]);
  });

  it("shows what we say at once, then as said, then as heard by a peer", async () => {
    const { chat, told, sent } = room();
    const said = chat.say(" hello\nthere ");
    expect(told.at(-1)).toEqual(["chatSay", 1, "hello there"]);
    expect(chat.current().own).toEqual([{ number: 1, text: "hello there", state: "sending" }]);
    chat.take({ kind: "chatShown", message: message("m", 1, { own: true }), number: 1 });
    sent(1, "said", 4_000);
    expect(await said).toEqual({ said: true });
    expect(chat.current().own).toEqual([]);
    expect([...chat.current().unheard]).toEqual(["m"]);
    expect(chat.current().silentUntilMs).toBeGreaterThan(performance.now() + 3_000);
    sent(1, "echoed");
    expect(chat.current().unheard.size).toBe(0);
  });

  it("lists what nobody heard, to be said again", async () => {
    const { chat, told, sent } = room();
    void chat.say("hello?");
    chat.take({ kind: "chatShown", message: message("m", 1, { own: true, text: "hello?" }), number: 1 });
    sent(1, "said");
    chat.take({ kind: "chatHidden", ids: ["m"] });
    sent(1, "nobody");
    expect(chat.current().own).toEqual([{ number: 1, text: "hello?", state: "failed" }]);
    const again = chat.retry(1);
    expect(told.at(-1)).toEqual(["chatSay", 2, "hello?"]);
    sent(2, "too-fast", 7_000);
    expect(await again).toEqual({ said: false, why: "too-fast", waitMs: 7_000 });
    expect(chat.current().own).toEqual([]);
  });

  it("says that it is too early while there is no peer", async () => {
    expect(await new Chat().say("hello")).toEqual({ said: false, why: "not-yet", waitMs: 0 });
  });

  it("lets the streamer moderate, and nobody else", () => {
    const { chat, told } = room();
    chat.mute("ab".repeat(16));
    expect(told.at(-1)).toEqual(["chatModerate", { what: "mute", author: "ab".repeat(16) }]);
    expect(() => new Chat().mute("ab".repeat(16))).toThrow("only the streamer");
  });

  it("counts reactions over ten seconds, and tells each", () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    try {
      const { chat } = room();
      const drawn: number[] = [];
      chat.onReaction((reaction) => drawn.push(reaction));
      for (const reaction of [0, 4, 4]) chat.take({ kind: "chatReacted", reaction, own: false });
      expect(chat.current().reactions).toEqual([1, 0, 0, 0, 2]);
      expect(drawn).toEqual([0, 4, 4]);
      vi.advanceTimersByTime(11_000);
      expect(chat.current().reactions).toEqual([0, 0, 0, 0, 0]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("tells its listeners once of what comes together", async () => {
    const { chat, shows } = room();
    await Promise.resolve();
    const heard = vi.fn();
    chat.onChange(heard);
    shows(message("a", 1), message("b", 2), message("c", 3));
    await Promise.resolve();
    expect(heard).toHaveBeenCalledTimes(1);
  });
});

describe("names", () => {
  it("are fitted to what may be one", () => {
    expect(fitName("e\u0301cole")).toBe("école");
    expect(fitName(`  ${"x".repeat(30)}`)).toHaveLength(24);
    expect(fitName(" \u200f\n ")).toBeUndefined();
    for (const name of ["Fen Road", "דניאל", "🌊"]) expect(isChatName(name)).toBe(true);
    for (const name of ["", " a", "a\u202e", "a\nb", "x".repeat(25)]) expect(isChatName(name)).toBe(false);
  });
});
