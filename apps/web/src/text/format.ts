import { language } from "./text";

/** "0.9", in German "0,9". */
export const formatDecimal = (value: number, digits = 1): string =>
  value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** "1,284" up to 9,999, then "12.4k". */
export function formatCount(count: number): string {
  return count < 10_000 ? count.toLocaleString(language) : `${formatDecimal(count / 1_000)}k`;
}

/** "412 MB": decimal units, as lines are sold. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB`;
  if (bytes < 1_000_000_000) return `${formatDecimal(bytes / 1_000_000, bytes < 10_000_000 ? 1 : 0)} MB`;
  return `${formatDecimal(bytes / 1_000_000_000, 2)} GB`;
}

export function formatRate(bitsPerS: number): string {
  if (bitsPerS < 1_000_000) return `${Math.round(bitsPerS / 1_000)} kbit/s`;
  return `${formatDecimal(bitsPerS / 1_000_000)} Mbit/s`;
}

/** "2:14" or "1:02:14". */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

export const formatPercent = (share: number): string => `${Math.round(share * 100)} %`;

/** Two letters for a stream without a picture. */
export function monogram(title: string): string {
  const words = title.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words[1]].map((word) => [...(word ?? "")][0] ?? "") : [...(words[0] ?? "")].slice(0, 2);
  return letters.join("").toUpperCase();
}

const hues = ["#4b5a58", "#355660", "#5a4a3c", "#51485e", "#4d5a3a", "#5e4444", "#3f4f6b"];

/** A quiet ground for a monogram, the same for the same id. */
export function groundOf(id: string): string {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + char.charCodeAt(0)) >>> 0;
  return hues[hash % hues.length] ?? "#4b5a58";
}
