import { keep, kept } from "../../app/storage";
import { emotes } from "./emoteSet";

const key = "recent-emotes";
const most = 8;

function recent(): string[] {
  try {
    const names: unknown = JSON.parse(kept(key) ?? "[]");
    return Array.isArray(names) ? names.filter((name): name is string => typeof name === "string" && emotes.has(name)).slice(0, most) : [];
  } catch {
    return [];
  }
}

/** All, the last used first, or those whose names have the text in them. */
export function emotesFor(search: string): string[] {
  const all = [...new Set([...recent(), ...emotes.keys()])];
  const sought = search.trim().toLowerCase().replaceAll(":", "");
  return all.filter((name) => name.includes(sought));
}

export function rememberEmote(name: string): void {
  keep(key, JSON.stringify([name, ...recent().filter((other) => other !== name)].slice(0, most)));
}
