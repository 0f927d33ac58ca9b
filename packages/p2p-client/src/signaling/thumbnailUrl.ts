import type { LiveStream } from "./messages";
import type { Signaling } from "./signaling";

/** Where a stream's thumbnail is, another address for each new one; undefined while there is none. */
export function thumbnailUrl(signaling: Signaling, { id, thumbnailAt }: LiveStream): string | undefined {
  if (thumbnailAt === undefined) return undefined;
  return new URL(`/api/streams/${id}/thumbnail?at=${thumbnailAt}`, signaling.url).href;
}
