import type { BroadcastSnapshot } from "@p2p-stream/client";
import { formatDuration, formatRate } from "../../text/format";
import { text } from "../../text/text";
import type { SourceNews, SourceProblem } from "./sources";
import type { Message } from "./Toast";

/** What happened to a source, as a sentence. */
export function sourceMessage({ kind, name, atMs }: SourceNews, shareAgain: () => void): Message {
  const words = text.broadcast.news;
  return {
    key: `${kind} ${atMs}`,
    sentence: kind === "screen-ended" ? words.screenEnded : words[kind](name || text.broadcast.unnamedDevice),
    action: kind === "screen-ended" ? { name: words.shareAgain, run: shareAgain } : undefined,
    urgent: kind === "camera-lost" || kind === "microphone-lost",
  };
}

/** A source that could not be opened during a stream. */
export function problemMessage(problem: SourceProblem): Message {
  const { what, next } = text.broadcast.problems[problem];
  return { key: problem, sentence: `${what} ${next}`, urgent: true };
}

/** What happened to the stream. */
export function streamMessage({ qualityChange, sleptMs }: BroadcastSnapshot): Message | undefined {
  const words = text.broadcast.news;
  if (qualityChange) {
    const { kind, height, why, uploadBitsPerS } = qualityChange;
    const lines = text.broadcast.lines(height);
    const sentence =
      kind === "resume" ? words.resumed(lines) : why === "upload" ? words.uploadDropped(formatRate(uploadBitsPerS), lines) : words.machineBusy(lines);
    return { key: `${kind} ${height} ${uploadBitsPerS}`, sentence };
  }
  if (sleptMs !== undefined) return { key: `slept ${sleptMs}`, sentence: words.slept(formatDuration(sleptMs)) };
  return undefined;
}
