import { WatchSession, type Signaling } from "@p2p-stream/client";
import { kept } from "../../app/storage";
import { readChoice, sharingKey, sharingOf } from "./sharing";
import { onMobileData } from "./useSaving";

/** A stream that is being watched, and the element that shows it: it outlives what is drawn around it. */
export interface Watching {
  streamId: string;
  session: WatchSession;
  video: HTMLVideoElement;
}

export function startWatching(signaling: Signaling, streamId: string): Watching {
  const video = makeVideo();
  const session = new WatchSession({
    signaling,
    streamId,
    video,
    sharing: (consent) => sharingOf(readChoice(kept(sharingKey)), consent, onMobileData() ? "mobile-data" : undefined),
  });
  // For people who look under the bonnet, and for the tests.
  Object.assign(globalThis, {
    p2pStream: { stats: () => session.stats(), snapshot: () => session.current(), chat: session.chat, startedMs: session.startedMs },
  });
  // Browsers start a picture with sound only after a gesture; without one it starts silently.
  video.play().catch((error: unknown) => {
    if (!(error instanceof DOMException && error.name === "NotAllowedError")) return;
    video.muted = true;
    video.play().catch(() => {});
  });
  return { streamId, session, video };
}

function makeVideo(): HTMLVideoElement {
  const video = document.createElement("video");
  video.playsInline = true;
  video.autoplay = true;
  video.disableRemotePlayback = true;
  return video;
}
