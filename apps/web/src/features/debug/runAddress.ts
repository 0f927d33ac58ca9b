import type { ChangeKind } from "./simulation/module";
import type { Settings } from "./simulation/messages";

const seedMax = 2n ** 64n - 1n;

/** A seed as people write it; undefined when it is none. */
export function parseSeed(text: string): string | undefined {
  if (!/^\d{1,20}$/.test(text)) return undefined;
  const seed = BigInt(text);
  return seed <= seedMax ? String(seed) : undefined;
}

/** Short enough to be read out. */
export const drawSeed = (): string => String(1 + Math.floor(Math.random() * 9_999));

export interface RunAddress {
  seed: string;
  settings: Settings;
}

/** What a link to a run says; what it says wrongly is left out. Settings are checked against their bounds when these are known. */
export function readAddress(query: URLSearchParams): { seed: string | undefined; settings: Settings } {
  const settings: Settings = {};
  for (const [name, text] of query) {
    if (name !== "seed" && /^[a-z_]{1,40}$/.test(name) && /^\d{1,12}$/.test(text)) settings[name] = Number(text);
  }
  return { seed: parseSeed(query.get("seed") ?? ""), settings };
}

/** Only settings that somebody moved are in the address. */
export function writeAddress({ seed, settings }: RunAddress, kinds: readonly ChangeKind[]): URLSearchParams {
  const query = new URLSearchParams({ seed });
  for (const { name, lasting, initial } of kinds) {
    const value = settings[name];
    if (lasting && value !== undefined && value !== initial) query.set(name, String(value));
  }
  return query;
}

/** Those that there are, within their bounds. */
export function possibleSettings(settings: Settings, kinds: readonly ChangeKind[]): Settings {
  const possible: Settings = {};
  for (const { name, lasting, min, max } of kinds) {
    const value = settings[name];
    if (lasting && value !== undefined) possible[name] = Math.min(Math.max(value, min), max);
  }
  return possible;
}
