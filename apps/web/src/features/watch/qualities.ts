import type { RenditionStats } from "@p2p-stream/client";
import { text } from "../../text/text";

export function nameOf({ height }: RenditionStats): string {
  return height > 0 ? text.watch.lines(height) : text.watch.soundOnly;
}

/** The next better one (1) or the next lower one (-1) than what is played; undefined at the end of the list. */
export function stepFrom(renditions: readonly RenditionStats[], step: 1 | -1): RenditionStats | undefined {
  const ascending = [...renditions].sort((a, b) => a.bitsPerS - b.bitsPerS);
  const at = ascending.findIndex(({ played }) => played);
  return at < 0 ? undefined : ascending[at + step];
}
