import "./chat.css";
import { PanelRightClose, Pin, SlidersHorizontal, X } from "lucide-react";
import { useState } from "react";
import type { Chat } from "@p2p-stream/client";
import { text } from "../../text/text";
import { ChatMessages } from "./ChatMessages";
import { ChatSettings } from "./ChatSettings";
import { MessageText } from "./MessageText";
import { ModerationBar } from "./ModerationBar";
import { ReactionBar } from "./ReactionBar";
import { SayField } from "./SayField";
import { useChat } from "./useChat";
import { useChatOptions } from "./useChatOptions";

interface Props {
  chat: Chat;
  /** Of the streamer, who may delete, mute, pin and slow down. */
  moderating?: boolean;
  /** Where the panel can be hidden. */
  onHide?: () => void;
}

export function ChatPanel({ chat, moderating = false, onHide }: Props) {
  const words = text.chat;
  const snapshot = useChat(chat);
  const [options] = useChatOptions();
  const [settings, setSettings] = useState(false);
  const { pinnedName, pinnedText } = snapshot.rules;
  const icon = { size: 18, strokeWidth: 1.75, "aria-hidden": true } as const;
  return (
    <section className="chat" aria-label={words.title}>
      <header className="chat-head">
        <h2 className="small strong grow">{words.title}</h2>
        <button className="icon-button" aria-label={words.settings} aria-expanded={settings} onClick={() => setSettings(!settings)}>
          <SlidersHorizontal {...icon} />
        </button>
        {onHide && (
          <button className="icon-button" aria-label={words.hide} onClick={onHide}>
            <PanelRightClose {...icon} />
          </button>
        )}
      </header>
      {settings && <ChatSettings chat={chat} snapshot={snapshot} />}
      {moderating && <ModerationBar chat={chat} snapshot={snapshot} />}
      {pinnedText !== "" && (
        <div className="chat-pin">
          <Pin size={14} strokeWidth={2} role="img" aria-label={words.pinned} />
          <p className="grow">
            <bdi className="strong">{pinnedName}</bdi> <bdi>{<MessageText text={pinnedText} />}</bdi>
          </p>
          {moderating && (
            <button className="icon-button" aria-label={words.unpin} onClick={() => chat.unpin()}>
              <X {...icon} />
            </button>
          )}
        </div>
      )}
      <ChatMessages chat={chat} snapshot={snapshot} moderating={moderating} aloud={options.aloud} />
      <ReactionBar chat={chat} counts={snapshot.reactions} disabled={snapshot.muted} />
      <SayField chat={chat} snapshot={snapshot} placeholder={moderating ? words.placeholderStreamer : words.placeholder} />
    </section>
  );
}
