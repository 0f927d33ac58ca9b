import { useEffect, useState, useSyncExternalStore } from "react";
import type { WatchSession, WatchSnapshot, WatchStats } from "@p2p-stream/client";
import { takeBegun } from "../../app/client";
import { useClient } from "../../app/ClientProvider";
import { startWatching, type Watching } from "./watching";

const joining: WatchSnapshot = { state: "joining", serverAway: false, sourceOnline: true, relayAvailable: false };
const nothing = () => () => {};

/** Watches the stream for as long as the component lives; `attempt` starts anew. A session that has begun for it is taken over. */
export function useWatchSession(streamId: string, attempt: number) {
  const client = useClient();
  const [watching, setWatching] = useState<Watching>();

  useEffect(() => {
    const current = takeBegun(client, streamId) ?? startWatching(client.signaling, streamId);
    setWatching(current);
    return () => {
      current.session.stop();
      setWatching(undefined);
    };
  }, [client, streamId, attempt]);

  const session = watching?.session;
  const snapshot = useSyncExternalStore(session?.onChange ?? nothing, () => session?.current() ?? joining);
  return { session, video: watching?.video, snapshot };
}

/** The session's figures, once a second. */
export function useWatchStats(session: WatchSession | undefined): WatchStats | undefined {
  const [stats, setStats] = useState<WatchStats>();
  useEffect(() => {
    if (!session) return setStats(undefined);
    const timer = setInterval(() => setStats(session.stats()), 1_000);
    return () => clearInterval(timer);
  }, [session]);
  return stats;
}
