import { emotes } from "./emoteSet";

const key = "recent-emotes";
const most = 8;

function kept(): string[] {
  try {
    const names: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(names) ? names.filter((name): name is string => typeof name === "string" && emotes.has(name)).slice(0, most) : [];
  } catch {
    return [];
  }
}

/** All, the last used first, or those whose names have the text in them. */
export function emotesFor(search: string): string[] {
  const all = [...new Set([...kept(), ...emotes.keys()])];
  const sought = search.trim().toLowerCase().replaceAll(":", "");
  return all.filter((name) => name.includes(sought));
}

export function rememberEmote(name: string): void {
  try {
    localStorage.setItem(key, JSON.stringify([name, ...kept().filter((other) => other !== name)].slice(0, most)));
  } catch {
    // No storage: the order stays the usual one.
  }
}
