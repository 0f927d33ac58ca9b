import { Signaling, WatchSession, type LinkStats, type WatchSnapshot, type WatchStats } from "@p2p-stream/client";
import { useEffect, useRef, useState } from "react";
import { cellsOf } from "../pattern/drawPattern";
import { ageMs, decode } from "../pattern/frameCode";

const lookEveryMs = 1_000;
const codeCanvas = { width: 380, height: 4 } as const;

export interface RealViewer {
  snapshot: WatchSnapshot | undefined;
  stats: WatchStats | undefined;
  links: readonly LinkStats[];
  /** From the drawing of a frame to its showing here, read out of the picture. */
  glassToGlassMs: number | undefined;
}

const nothing: RealViewer = { snapshot: undefined, stats: undefined, links: [], glassToGlassMs: undefined };

/** Reads the time that the pattern shows out of frames as they are shown; undefined while a frame is none of the pattern. */
function readAges(video: HTMLVideoElement, told: (ms: number) => void): () => void {
  const context = new OffscreenCanvas(codeCanvas.width, codeCanvas.height).getContext("2d", { willReadFrequently: true });
  let callback = 0;
  const shown = () => {
    callback = video.requestVideoFrameCallback(shown);
    if (!context || video.videoWidth === 0) return;
    const code = decode(cellsOf(context, video, { width: video.videoWidth, height: video.videoHeight }));
    if (code !== undefined) told(ageMs(code, Date.now()));
  };
  callback = video.requestVideoFrameCallback(shown);
  return () => video.cancelVideoFrameCallback(callback);
}

/** A viewer with all that a page of its own would have: its connection to the server, engine, data channels and player. */
export function useRealViewer(streamId: string) {
  const video = useRef<HTMLVideoElement>(null);
  const [viewer, setViewer] = useState(nothing);

  useEffect(() => {
    if (!video.current) return;
    const signaling = new Signaling(location.origin);
    const session = new WatchSession({ signaling, streamId, video: video.current });
    let glassToGlassMs: number | undefined;
    const stopReading = readAges(video.current, (ms) => (glassToGlassMs = ms));
    void video.current.play().catch(() => {});
    const look = () =>
      void session.linkStats().then((links) => setViewer({ snapshot: session.current(), stats: session.stats(), links, glassToGlassMs }));
    const timer = setInterval(look, lookEveryMs);
    const stopListening = session.onChange(look);
    return () => {
      clearInterval(timer);
      stopListening();
      stopReading();
      session.stop();
      signaling.close();
    };
  }, [streamId]);
  return { video, viewer };
}
