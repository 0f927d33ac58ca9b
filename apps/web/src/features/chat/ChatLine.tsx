import { memo } from "react";
import type { Chat, ChatMessage } from "@p2p-stream/client";
import { text } from "../../text/text";
import { MessageText } from "./MessageText";
import { ModerationMenu } from "./ModerationMenu";
import { nameColour } from "./messageParts";

interface Props {
  message: ChatMessage;
  /** No peer is known to have it yet. */
  unheard: boolean;
  /** Of the streamer, who may act on it. */
  moderator: Chat | undefined;
}

export const ChatLine = memo(function ChatLine({ message, unheard, moderator }: Props) {
  return (
    <li className={unheard ? "chat-line unheard" : "chat-line"} data-own={message.own || undefined}>
      <bdi>
        {message.streamer && <i className="chat-mark" role="img" aria-label={text.chat.streamer} />}
        <b className={message.streamer ? undefined : `name-${nameColour(message.author)}`}>{message.name.normalize("NFC")}</b>
      </bdi>{" "}
      <bdi>
        <MessageText text={message.text} />
      </bdi>
      {unheard && <span className="visually-hidden"> ({text.chat.sending})</span>}
      {moderator && <ModerationMenu chat={moderator} message={message} />}
    </li>
  );
});
