import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { BroadcastSession, type BroadcastDetails, type BroadcastStats, type Quality } from "@p2p-stream/client";
import { useClient } from "../../app/ClientProvider";

const nothing = () => () => {};

/** The stream that this page publishes, if any; it ends with the page. */
export function useBroadcast() {
  const { signaling } = useClient();
  const [session, setSession] = useState<BroadcastSession>();
  const [stats, setStats] = useState<BroadcastStats>();
  const snapshot = useSyncExternalStore(session?.onChange ?? nothing, () => session?.current());
  const running = snapshot?.state === "starting" || snapshot?.state === "live";

  const start = useCallback(
    (details: BroadcastDetails, media: MediaStream, qualities: Quality[]) =>
      setSession(new BroadcastSession({ signaling, ...details, media, qualities })),
    [signaling],
  );
  const reset = useCallback(() => setSession(undefined), []);

  useEffect(() => {
    if (!session) return setStats(undefined);
    const timer = setInterval(() => setStats((last) => session.stats() ?? last), 1_000);
    Object.assign(globalThis, { p2pStream: { stats: () => session.stats(), snapshot: () => session.current() } });
    const end = () => session.end();
    addEventListener("pagehide", end);
    return () => {
      clearInterval(timer);
      removeEventListener("pagehide", end);
      session.end();
    };
  }, [session]);

  // Closing the tab would end the stream for everybody: the browser asks first.
  useEffect(() => {
    if (!running) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [running]);

  return { session, snapshot, stats, running, start, reset };
}
