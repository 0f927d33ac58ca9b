import { Ellipsis, MicOff, Pin, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Chat, ChatMessage } from "@p2p-stream/client";
import { text } from "../../text/text";

/** What the streamer may do with a message. It unfolds in its place, so that nothing is cut off at the panel's edge. */
export function ModerationMenu({ chat, message }: { chat: Chat; message: ChatMessage }) {
  const [open, setOpen] = useState(false);
  const words = text.chat;
  const icon = { size: 18, strokeWidth: 1.75, "aria-hidden": true } as const;
  const act = (what: () => void) => () => {
    setOpen(false);
    what();
  };
  return (
    <span className="chat-actions" onKeyDown={({ key }) => key === "Escape" && setOpen(false)}>
      <button className="icon-button small" aria-label={words.actions(message.name)} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Ellipsis {...icon} />
      </button>
      {open && (
        <span className="chat-actions-row">
          <button className="button" onClick={act(() => chat.pin(message))}>
            <Pin {...icon} />
            {words.pin}
          </button>
          <button className="button" onClick={act(() => chat.remove(message.id))}>
            <Trash2 {...icon} />
            {words.delete}
          </button>
          {!message.streamer && (
            <button className="button" onClick={act(() => chat.mute(message.author))}>
              <MicOff {...icon} />
              <span className="one-line">{words.mute(message.name)}</span>
            </button>
          )}
        </span>
      )}
    </span>
  );
}
