import type { BroadcastSnapshot, BroadcastStats } from "@p2p-stream/client";

/** A second of the stream, as the page remembers it. */
export interface SentSecond {
  sentBitsPerS: number;
  droppedFrames: number;
  lineFull: boolean;
}

export type Health = "good" | "server-away" | "upload-full" | "machine-busy" | "paused";

const rememberedS = 10;
/** Of 30 a second: a tenth is seen. */
const droppedMax = 3 * rememberedS;

/** One word for how the stream fares, the worst cause first. */
export function healthOf(snapshot: BroadcastSnapshot, stats: BroadcastStats | undefined, seconds: readonly SentSecond[]): Health {
  const recent = seconds.slice(-rememberedS);
  if (snapshot.serverAway) return "server-away";
  if (recent.filter(({ lineFull }) => lineFull).length >= 2) return "upload-full";
  if (recent.reduce((sum, { droppedFrames }) => sum + droppedFrames, 0) > droppedMax) return "machine-busy";
  return stats && stats.pausedHeights.length > 0 ? "paused" : "good";
}
