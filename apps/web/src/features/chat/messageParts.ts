/** A message as it is drawn: text stays text, whatever it looks like. */
export type MessagePart = { kind: "text"; text: string } | { kind: "link"; text: string; url: string } | { kind: "emote"; name: string };

const special = /https?:\/\/[^\s<>"']+|:[a-z]{2,12}:/g;

/** Brackets and full stops at the end of an address belong to the sentence around it. */
function withoutTail(address: string): string {
  let end = address.length;
  for (; end > 0; --end) {
    const last = address[end - 1] ?? "";
    if (/[.,;:!?]/.test(last)) continue;
    const closes = last === ")" && !address.slice(0, end).includes("(");
    if (!closes) break;
  }
  return address.slice(0, end);
}

/** Only http and https, and no address that hides where it leads behind a name and an @. */
function linkTo(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const honest = (url.protocol === "http:" || url.protocol === "https:") && url.username === "" && url.password === "";
  return honest ? url.href : undefined;
}

/** `knows` says which emotes there are. */
export function messageParts(message: string, knows: (emote: string) => boolean): MessagePart[] {
  const parts: MessagePart[] = [];
  const addText = (text: string) => {
    const last = parts.at(-1);
    if (text === "") return;
    if (last?.kind === "text") last.text += text;
    else parts.push({ kind: "text", text });
  };
  let at = 0;
  for (const match of message.matchAll(special)) {
    addText(message.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[0].startsWith(":")) {
      const name = match[0].slice(1, -1);
      if (knows(name)) parts.push({ kind: "emote", name });
      else addText(match[0]);
      continue;
    }
    const address = withoutTail(match[0]);
    const url = linkTo(address);
    if (url === undefined) addText(match[0]);
    else {
      parts.push({ kind: "link", text: address, url });
      addText(match[0].slice(address.length));
    }
  }
  addText(message.slice(at));
  return parts;
}

/** Which of the seven colours of names an author has: the same for everybody. */
export function nameColour(author: string): number {
  return (Number.parseInt(author.slice(0, 8), 16) % 7) + 1;
}
