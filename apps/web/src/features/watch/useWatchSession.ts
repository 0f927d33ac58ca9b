import { useEffect, useState, useSyncExternalStore, type RefObject } from "react";
import { WatchSession, type WatchSnapshot, type WatchStats } from "@p2p-stream/client";
import { useClient } from "../../app/ClientProvider";

const joining: WatchSnapshot = { state: "joining", serverAway: false, sourceOnline: true };
const nothing = () => () => {};

/** Watches the stream in the video element for as long as the component lives; `attempt` starts anew. */
export function useWatchSession(streamId: string, video: RefObject<HTMLVideoElement | null>, attempt: number) {
  const { signaling } = useClient();
  const [session, setSession] = useState<WatchSession>();

  useEffect(() => {
    if (!video.current) return;
    const made = new WatchSession({ signaling, streamId, video: video.current });
    setSession(made);
    return () => {
      made.stop();
      setSession(undefined);
    };
  }, [signaling, streamId, video, attempt]);

  const snapshot = useSyncExternalStore(session?.onChange ?? nothing, () => session?.current() ?? joining);
  return { session, snapshot };
}

/** The session's figures, once a second. */
export function useWatchStats(session: WatchSession | undefined): WatchStats | undefined {
  const [stats, setStats] = useState<WatchStats>();
  useEffect(() => {
    if (!session) return setStats(undefined);
    const timer = setInterval(() => setStats(session.stats()), 1_000);
    // For people who look under the bonnet, and for the tests.
    Object.assign(globalThis, { p2pStream: { stats: () => session.stats(), snapshot: () => session.current(), startedMs: session.startedMs } });
    return () => clearInterval(timer);
  }, [session]);
  return stats;
}
