import { ArrowDown, RotateCcw } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Chat, ChatSnapshot } from "@p2p-stream/client";
import { text } from "../../text/text";
import { ChatLine } from "./ChatLine";
import { MessageText } from "./MessageText";
import { nameColour } from "./messageParts";

interface Props {
  chat: Chat;
  snapshot: ChatSnapshot;
  moderating: boolean;
  aloud: boolean;
}

/** So near to its end the log follows what comes. */
const followsWithinPx = 40;

export function ChatMessages({ chat, snapshot, moderating, aloud }: Props) {
  const words = text.chat;
  const log = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const [seen, setSeen] = useState<string>(); // the last one
  const { messages, unheard, own } = snapshot;
  const newest = messages.at(-1)?.id;

  useLayoutEffect(() => {
    if (following) log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [following, newest, messages.length, own.length]);
  useEffect(() => {
    if (following) setSeen(newest);
  }, [following, newest]);

  const scrolled = () => {
    const { current } = log;
    if (current) setFollowing(current.scrollHeight - current.scrollTop - current.clientHeight < followsWithinPx);
  };
  const fresh = following ? 0 : messages.length - 1 - messages.findLastIndex(({ id }) => id === seen);
  const author = messages.findLast((message) => message.own)?.author;
  return (
    <div className="chat-messages">
      <div ref={log} className="chat-log" role="log" aria-label={words.log} aria-live={aloud ? "polite" : "off"} tabIndex={0} onScroll={scrolled}>
        <ol>
          {messages.length === 0 && own.length === 0 && <li className="chat-line faint">{words.empty}</li>}
          {messages.map((message) => (
            <ChatLine key={message.id} message={message} unheard={unheard.has(message.id)} moderator={moderating ? chat : undefined} />
          ))}
          {own.map(({ number, text: said, state }) => (
            <li key={number} className={state === "sending" ? "chat-line unheard" : "chat-line"}>
              <bdi>
                <b className={author ? `name-${nameColour(author)}` : undefined}>{snapshot.name}</b>
              </bdi>{" "}
              <bdi>
                <MessageText text={said} />
              </bdi>
              {state === "failed" && (
                <span className="chat-failed">
                  <span className="live">{words.notSent}</span>
                  <button className="button" onClick={() => void chat.retry(number)}>
                    <RotateCcw size={14} strokeWidth={2} aria-hidden />
                    {words.retry}
                  </button>
                </span>
              )}
            </li>
          ))}
        </ol>
      </div>
      {fresh > 0 && (
        <button className="button main chat-new" onClick={() => setFollowing(true)}>
          <ArrowDown size={14} strokeWidth={2} aria-hidden />
          {words.newMessages(fresh)}
        </button>
      )}
    </div>
  );
}
