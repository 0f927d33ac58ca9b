import { useEffect, useState } from "react";

/** A short wait is nobody's concern. */
const ringAfterMs = 400;
const slowAfterMs = 4_000;

export type Waiting = "no" | "ring" | "slow";

/** Whether the picture stands although it should play, and for how long. */
export function useWaiting(video: HTMLVideoElement | undefined): Waiting {
  const [waiting, setWaiting] = useState<Waiting>("no");
  useEffect(() => {
    if (!video) return;
    let timers: ReturnType<typeof setTimeout>[] = [];
    const goes = () => {
      for (const timer of timers) clearTimeout(timer);
      timers = [];
      setWaiting("no");
    };
    const stands = () => {
      if (timers.length > 0 || video.paused) return;
      timers = [setTimeout(() => setWaiting("ring"), ringAfterMs), setTimeout(() => setWaiting("slow"), slowAfterMs)];
    };
    video.addEventListener("waiting", stands);
    const ends = ["playing", "timeupdate", "pause", "ended", "emptied"];
    for (const event of ends) video.addEventListener(event, goes);
    return () => {
      goes();
      video.removeEventListener("waiting", stands);
      for (const event of ends) video.removeEventListener(event, goes);
    };
  }, [video]);
  return waiting;
}
