import { useId, useState } from "react";
import { chatNameMax, type Chat, type ChatSnapshot } from "@p2p-stream/client";
import { text } from "../../text/text";
import { useChatOptions } from "./useChatOptions";

/** One's name, and how much of the chat one wants to see and hear. */
export function ChatSettings({ chat, snapshot }: { chat: Chat; snapshot: ChatSnapshot }) {
  const words = text.chat;
  const id = useId();
  const [options, choose] = useChatOptions();
  const [name, setName] = useState(snapshot.name);
  const [told, setTold] = useState<"saved" | "wrong">();
  const save = async () => setTold((await chat.setName(name)) ? "saved" : "wrong");
  return (
    <div className="chat-settings">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <label className="label" htmlFor={`${id}-name`}>
          {words.yourName}
        </label>
        <div className="row">
          <input
            id={`${id}-name`}
            className="field"
            value={name}
            maxLength={2 * chatNameMax}
            aria-invalid={told === "wrong"}
            aria-describedby={`${id}-why`}
            onChange={({ target }) => {
              setName(target.value);
              setTold(undefined);
            }}
          />
          <button className="button" type="submit">
            <span aria-live="polite">{told === "saved" ? words.nameSaved : words.saveName}</span>
          </button>
        </div>
        <p className={told === "wrong" ? "tiny live" : "tiny faint"} id={`${id}-why`}>
          {told === "wrong" ? words.nameWrong : words.nameWhy}
        </p>
      </form>
      <label className="row small">
        <input type="checkbox" checked={options.bursts} onChange={({ target }) => choose({ bursts: target.checked })} />
        {words.bursts}
      </label>
      <label className="row small">
        <input type="checkbox" checked={options.aloud} onChange={({ target }) => choose({ aloud: target.checked })} />
        {words.readAloud}
      </label>
    </div>
  );
}
