/** A message as every peer has it; the order is the same everywhere. */
export interface ChatMessage {
  /** 32 hex digits. */
  id: string;
  /** Names whoever said it, by a hash of the key: 32 hex digits. */
  author: string;
  /** Signed with the stream's own key. */
  streamer: boolean;
  own: boolean;
  /** Since 1970, by the source's clock. */
  timeMs: number;
  counter: number;
  /** Text, never markup. */
  name: string;
  /** Text, never markup. One line. */
  text: string;
}

/** One of ours that is not certain yet. */
export interface OwnMessage {
  number: number;
  text: string;
  /** `failed`: no peer had it within ten seconds, so it was taken back. */
  state: "sending" | "failed";
}

export interface ChatRules {
  /** A viewer may say something once in so many seconds; 0: no slow mode. */
  slowS: number;
  /** Whose words are pinned; empty when none are. */
  pinnedName: string;
  pinnedText: string;
  /** Authors. */
  muted: string[];
}

export interface ChatSnapshot {
  /** In order; those of ours among them that no peer is known to have are in `unheard`. */
  messages: readonly ChatMessage[];
  /** Ids of messages of ours of which no peer is known to have them yet. */
  unheard: ReadonlySet<string>;
  /** Ours that are being signed, or were not sent. */
  own: readonly OwnMessage[];
  rules: ChatRules;
  /** How often each of the five reactions came in the last 10 s. */
  reactions: readonly number[];
  /** Until then (performance.now()) nothing may be said. */
  silentUntilMs: number;
  /** The streamer muted us. */
  muted: boolean;
  /** Ours. */
  name: string;
}

/** What the engine says of a message of ours. */
export type ChatSentState = "said" | "echoed" | "nobody" | "not-yet" | "too-fast" | "muted" | "unfit";

/** `refused`: it is in no list, and may be said again later. */
export type SayResult = { said: true } | { said: false; why: "not-yet" | "too-fast" | "muted" | "unfit"; waitMs: number };

/** Code points. */
export const chatTextMax = 500;
export const chatNameMax = 24;
export const chatReactions = 5;

/** As wire::is_chat_name: 1 to 24 characters, no space at the ends, none that control or turn the direction of writing. */
export function isChatName(name: string): boolean {
  const length = [...name].length;
  return length > 0 && length <= chatNameMax && name.trim() === name && !/[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u.test(name);
}
