import { useSyncExternalStore } from "react";
import { keep, kept } from "../../app/storage";

/** What a viewer has chosen for all chats of this browser. */
export interface ChatOptions {
  /** The panel stands beside the picture. */
  shown: boolean;
  /** Reactions rise over the picture. */
  bursts: boolean;
  /** New messages are told to screen readers. */
  aloud: boolean;
}

const key = "chat-options";
const usual: ChatOptions = { shown: true, bursts: true, aloud: true };
const listeners = new Set<() => void>();
let options = read();

function read(): ChatOptions {
  try {
    const choices = JSON.parse(kept(key) ?? "{}") as Partial<Record<keyof ChatOptions, unknown>>;
    const chosen = (name: keyof ChatOptions) => (typeof choices[name] === "boolean" ? choices[name] : usual[name]);
    return { shown: chosen("shown"), bursts: chosen("bursts"), aloud: chosen("aloud") };
  } catch {
    return usual; // what others left there
  }
}

function choose(change: Partial<ChatOptions>): void {
  options = { ...options, ...change };
  keep(key, JSON.stringify(options));
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useChatOptions(): [ChatOptions, (change: Partial<ChatOptions>) => void] {
  return [useSyncExternalStore(listen, () => options), choose];
}
