import { Fragment } from "react";
import { emotes } from "./emoteSet";
import { messageParts } from "./messageParts";

/** What somebody wrote: text, links that give nothing away, emotes. */
export function MessageText({ text }: { text: string }) {
  return messageParts(text, (name) => emotes.has(name)).map((part, index) => {
    if (part.kind === "emote")
      return <img key={index} className="emote" src={emotes.get(part.name)} alt={`:${part.name}:`} title={`:${part.name}:`} />;
    if (part.kind === "link") {
      return (
        <a key={index} href={part.url} target="_blank" rel="noopener noreferrer nofollow">
          {part.text}
        </a>
      );
    }
    return <Fragment key={index}>{part.text}</Fragment>;
  });
}
