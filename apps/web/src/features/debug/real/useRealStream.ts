import { BroadcastSession, inputsOf, type BroadcastSnapshot, type BroadcastStats, type LinkStats } from "@p2p-stream/client";
import { useCallback, useEffect, useState, useSyncExternalStore, type RefObject } from "react";
import { useClient } from "../../../app/ClientProvider";
import { text } from "../../../text/text";
import { patternSize } from "../pattern/drawPattern";
import { Tone } from "../pattern/tone";

const lookEveryMs = 1_000;
const nothing = () => () => {};

interface Published {
  session: BroadcastSession;
  tone: Tone;
  media: MediaStream;
}

export interface RealStream {
  snapshot: BroadcastSnapshot | undefined;
  running: boolean;
  stats: BroadcastStats | undefined;
  links: readonly LinkStats[];
  start: () => void;
  stop: () => void;
  hear: (heard: boolean) => void;
}

/** The pattern as a real stream: encoded here, over the real server and real data channels, until it is stopped or the page goes. */
export function useRealStream(canvas: RefObject<HTMLCanvasElement | null>): RealStream {
  const { signaling } = useClient();
  const [published, setPublished] = useState<Published>();
  const [stats, setStats] = useState<BroadcastStats>();
  const [links, setLinks] = useState<readonly LinkStats[]>([]);
  const session = published?.session;
  const snapshot = useSyncExternalStore(session?.onChange ?? nothing, () => session?.current());
  const running = snapshot?.state === "starting" || snapshot?.state === "live";

  const start = useCallback(() => {
    if (!canvas.current) return;
    const tone = new Tone();
    const media = canvas.current.captureStream(patternSize.framesPerS);
    if (tone.track) media.addTrack(tone.track);
    const made = new BroadcastSession({ signaling, inputs: inputsOf(media), title: text.debug.real.title, tags: ["debug"] });
    setPublished({ session: made, tone, media });
  }, [canvas, signaling]);

  useEffect(() => {
    if (!published) return;
    const timer = setInterval(() => {
      setStats((last) => published.session.stats() ?? last);
      void published.session.linkStats().then(setLinks);
    }, lookEveryMs);
    const end = () => published.session.end();
    addEventListener("pagehide", end);
    return () => {
      clearInterval(timer);
      removeEventListener("pagehide", end);
      end();
      published.tone.stop();
      for (const track of published.media.getTracks()) track.stop();
    };
  }, [published]);

  const stop = useCallback(() => {
    setPublished(undefined);
    setStats(undefined);
    setLinks([]);
  }, []);
  const hear = useCallback((heard: boolean) => published && (published.tone.heard = heard), [published]);
  return { snapshot, running, stats, links, start, stop, hear };
}
