import { useSyncExternalStore } from "react";
import type { Chat, ChatSnapshot } from "@p2p-stream/client";

/** The chat as it is now. */
export function useChat(chat: Chat): ChatSnapshot {
  return useSyncExternalStore(chat.onChange, chat.current);
}
