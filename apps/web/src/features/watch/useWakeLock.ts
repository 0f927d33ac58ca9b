import { useEffect } from "react";

/** Keeps the screen lit while the picture plays and the page is in sight (Screen Wake Lock API, W3C); without the API nothing happens. */
export function useWakeLock(video: HTMLVideoElement | undefined): void {
  useEffect(() => {
    if (!video || !("wakeLock" in navigator)) return;
    let lock: WakeLockSentinel | undefined;
    let gone = false;
    const release = () => {
      void lock?.release().catch(() => {});
      lock = undefined;
    };
    const look = async () => {
      if (video.paused || document.hidden) return release();
      if (lock && !lock.released) return;
      try {
        lock = await navigator.wakeLock.request("screen");
        if (gone || video.paused) release();
      } catch {
        // A low battery, say: the device decides.
      }
    };
    const onChange = () => void look();
    const events = ["play", "playing", "pause", "ended"];
    for (const event of events) video.addEventListener(event, onChange);
    document.addEventListener("visibilitychange", onChange);
    onChange();
    return () => {
      gone = true;
      for (const event of events) video.removeEventListener(event, onChange);
      document.removeEventListener("visibilitychange", onChange);
      release();
    };
  }, [video]);
}
