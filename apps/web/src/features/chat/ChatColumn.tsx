import { MessageSquare } from "lucide-react";
import type { Chat } from "@p2p-stream/client";
import { useShortcuts } from "../../components/useShortcuts";
import { text } from "../../text/text";
import { ChatPanel } from "./ChatPanel";
import { useChatOptions } from "./useChatOptions";

/** The chat beside the picture, or the button that brings it back. C does both. */
export function ChatColumn({ chat }: { chat: Chat | undefined }) {
  const [{ shown }, choose] = useChatOptions();
  const toggle = () => choose({ shown: !shown });
  useShortcuts({ c: toggle });
  if (!chat) return null;
  if (shown) return <ChatPanel chat={chat} onHide={toggle} />;
  return (
    <button className="button chat-show" aria-label={text.chat.show} onClick={toggle}>
      <MessageSquare size={18} strokeWidth={1.75} aria-hidden />
      {text.chat.title}
    </button>
  );
}
