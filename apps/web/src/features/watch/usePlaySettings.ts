import { useEffect, useState } from "react";
import { keep, kept } from "../../app/storage";
import type { Latency, WatchSession } from "@p2p-stream/client";

const latencyKey = "p2p-stream.latency";

/** What the viewer wishes of the player. The latency is kept for the next visit; a quality is one of this stream's. */
export function usePlaySettings(session: WatchSession | undefined) {
  const [quality, setQuality] = useState<number>();
  const [latency, setLatency] = useState<Latency>(() => (kept(latencyKey) === "balanced" ? "balanced" : "low"));

  useEffect(() => session?.setLatency(latency), [session, latency]);
  useEffect(() => session?.setQuality(quality), [session, quality]);

  const chooseLatency = (chosen: Latency) => {
    keep(latencyKey, chosen);
    setLatency(chosen);
  };
  return { quality, chooseQuality: setQuality, latency, chooseLatency };
}
