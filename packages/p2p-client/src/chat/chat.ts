import type { ChatOutput, ChatWish } from "../engine/engine";
import type { MeshPeer } from "../peer/meshPeer";
import { fitName, loadIdentity, saveIdentity, type Identity } from "./identity";
import { chatReactions, type ChatMessage, type ChatSnapshot, type OwnMessage, type SayResult } from "./types";

/** What a chat needs of its peer. */
type Speaker = Pick<MeshPeer, "authorKey" | "do">;

/** Messages that the page can still show; the engine gives newcomers the last 150. */
const shownMax = 500;
const reactionsForMs = 10_000;

const order = (a: ChatMessage, b: ChatMessage) => a.timeMs - b.timeMs || a.counter - b.counter || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** The chat beside a stream: what is shown, and what one may do. Of a viewer it speaks with the key of this browser, of the streamer with the stream's. */
export class Chat {
  readonly #streamer: boolean;
  readonly #listeners = new Set<() => void>();
  readonly #reactionListeners = new Set<(reaction: number, own: boolean) => void>();
  readonly #asked = new Map<number, (result: SayResult) => void>();
  readonly #unheard = new Map<number, ChatMessage>(); // of ours, until a peer has them
  #reactions: { reaction: number; atMs: number }[] = [];
  #reactionTimer: ReturnType<typeof setTimeout> | undefined;
  #peer: Speaker | undefined;
  #identity: Identity | undefined;
  #nextNumber = 1;
  #told = true;
  #snapshot: ChatSnapshot;

  constructor({ streamer = false, name = "" }: { streamer?: boolean; name?: string } = {}) {
    this.#streamer = streamer;
    this.#snapshot = {
      messages: [],
      unheard: new Set(),
      own: [],
      rules: { slowS: 0, pinnedName: "", pinnedText: "", muted: [] },
      reactions: Array.from({ length: chatReactions }, () => 0),
      silentUntilMs: 0,
      muted: false,
      name: fitName(name) ?? "",
    };
  }

  onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  current = (): ChatSnapshot => this.#snapshot;

  /** Each reaction as it comes, for a page that draws it. */
  onReaction(listener: (reaction: number, own: boolean) => void): () => void {
    this.#reactionListeners.add(listener);
    return () => this.#reactionListeners.delete(listener);
  }

  /** Resolves when it is on its way, or with the reason why it is not; how it then fares is in the snapshot. */
  say(text: string): Promise<SayResult> {
    const number = this.#nextNumber++;
    const fit = text
      .normalize("NFC")
      .replace(/[\p{Cc}\p{Cs}\u2028\u2029]+/gu, " ")
      .trim();
    if (!this.#peer) return Promise.resolve({ said: false, why: "not-yet", waitMs: 0 });
    this.#change({ own: [...this.#snapshot.own, { number, text: fit, state: "sending" }] });
    return new Promise((resolve) => {
      this.#asked.set(number, resolve);
      this.#peer?.do("chatSay", number, fit);
    });
  }

  /** Of one that was not sent. */
  retry(number: number): Promise<SayResult> {
    const failed = this.#snapshot.own.find((own) => own.number === number);
    this.#dropOwn(number);
    return failed ? this.say(failed.text) : Promise.resolve({ said: false, why: "unfit", waitMs: 0 });
  }

  react(reaction: number): void {
    this.#peer?.do("chatReact", reaction);
  }

  /** False when nothing is left of it that may be a name. What was said under another stays so. */
  async setName(name: string): Promise<boolean> {
    const fit = fitName(name);
    if (fit === undefined) return false;
    this.#change({ name: fit });
    if (this.#identity) this.#identity.name = fit;
    this.#introduce();
    if (this.#identity && !this.#streamer) await saveIdentity(this.#identity);
    return true;
  }

  // The streamer's: all honest peers obey, whether they watch now or come later. A viewer's chat throws.
  mute(author: string): void {
    this.#moderate({ what: "mute", author });
  }
  unmute(author: string): void {
    this.#moderate({ what: "unmute", author });
  }
  remove(message: string): void {
    this.#moderate({ what: "delete", message });
  }
  /** 0 ends slow mode; at most an hour. */
  setSlowMode(seconds: number): void {
    this.#moderate({ what: "slow", seconds });
  }
  pin({ name, text }: Pick<ChatMessage, "name" | "text">): void {
    this.#moderate({ what: "pin", name, text });
  }
  unpin(): void {
    this.pin({ name: "", text: "" });
  }

  #moderate(wish: ChatWish): void {
    if (!this.#streamer) throw new Error("only the streamer moderates: use the chat of a BroadcastSession");
    this.#peer?.do("chatModerate", wish);
  }

  /** The session has a peer now. */
  async begin(peer: Speaker): Promise<void> {
    this.#peer = peer;
    if (this.#streamer) return this.#introduce();
    this.#identity = await loadIdentity();
    peer.authorKey = this.#identity.keys.privateKey;
    this.#change({ name: this.#identity.name, muted: this.#isMuted(this.#snapshot.rules.muted) });
    this.#introduce();
  }

  /** What the engine says. */
  take(output: ChatOutput): void {
    switch (output.kind) {
      case "chatShown":
        return this.#show(output.message, output.number);
      case "chatHidden":
        return this.#hide(new Set(output.ids));
      case "chatSent":
        return this.#sent(output);
      case "chatRules":
        return this.#change({ rules: output.rules, muted: this.#isMuted(output.rules.muted) });
      case "chatReacted":
        return this.#reacted(output.reaction, output.own);
    }
  }

  #isMuted(muted: readonly string[]): boolean {
    return this.#identity !== undefined && muted.includes(this.#identity.author);
  }

  #introduce(): void {
    const { name } = this.#snapshot;
    if (name === "" || (!this.#streamer && !this.#identity)) return;
    this.#peer?.do("chatAs", this.#identity?.publicKey, name);
  }

  #show(message: ChatMessage, number: number): void {
    const messages = [...this.#snapshot.messages];
    const after = messages.findLastIndex((other) => order(other, message) < 0);
    messages.splice(after + 1, 0, message);
    if (messages.length > shownMax) messages.shift();
    if (!message.own) return this.#change({ messages });
    this.#unheard.set(number, message);
    const own = this.#snapshot.own.filter((one) => one.number !== number);
    this.#change({ messages, own, unheard: this.#unheardIds() });
  }

  #unheardIds(): Set<string> {
    return new Set([...this.#unheard.values()].map(({ id }) => id));
  }

  #hide(ids: ReadonlySet<string>): void {
    this.#change({ messages: this.#snapshot.messages.filter(({ id }) => !ids.has(id)) });
  }

  #sent({ number, state, waitMs }: Extract<ChatOutput, { kind: "chatSent" }>): void {
    const resolve = this.#asked.get(number);
    this.#asked.delete(number);
    if (state === "said") {
      resolve?.({ said: true });
      this.#change({ silentUntilMs: performance.now() + waitMs });
    } else if (state === "echoed" || state === "nobody") {
      const message = this.#unheard.get(number);
      this.#unheard.delete(number);
      if (!message) return;
      const failed: OwnMessage[] = state === "nobody" ? [{ number, text: message.text, state: "failed" }] : [];
      this.#change({ unheard: this.#unheardIds(), own: [...this.#snapshot.own, ...failed] });
    } else {
      this.#dropOwn(number);
      this.#change({ ...(state === "too-fast" && { silentUntilMs: performance.now() + waitMs }), ...(state === "muted" && { muted: true }) });
      resolve?.({ said: false, why: state, waitMs });
    }
  }

  #dropOwn(number: number): void {
    this.#change({ own: this.#snapshot.own.filter((one) => one.number !== number) });
  }

  #reacted(reaction: number, own: boolean): void {
    this.#reactions.push({ reaction, atMs: performance.now() });
    this.#countReactions();
    for (const listener of this.#reactionListeners) listener(reaction, own);
  }

  #countReactions(): void {
    const since = performance.now() - reactionsForMs;
    this.#reactions = this.#reactions.filter(({ atMs }) => atMs > since);
    const reactions = Array.from({ length: chatReactions }, (_, kind) => this.#reactions.filter(({ reaction }) => reaction === kind).length);
    this.#change({ reactions });
    clearTimeout(this.#reactionTimer);
    this.#reactionTimer = this.#reactions.length > 0 ? setTimeout(() => this.#countReactions(), 1_000) : undefined;
  }

  /** Listeners hear of several changes at once: a history comes message by message. */
  #change(change: Partial<ChatSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    if (!this.#told) return;
    this.#told = false;
    queueMicrotask(() => {
      this.#told = true;
      for (const listener of this.#listeners) listener();
    });
  }
}
