import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import {
  BroadcastSession,
  broadcastMemory,
  type BroadcastDetails,
  type BroadcastInputs,
  type BroadcastStats,
  type Quality,
  type SavedBroadcast,
  type SavedProgress,
} from "@p2p-stream/client";
import { useClient } from "../../app/ClientProvider";

const nothing = () => () => {};
export type Resumable = SavedBroadcast & { progress: SavedProgress };

/** The stream that this page publishes, if any. A page that goes away leaves it for a minute, in which it can be resumed. */
export function useBroadcast(inputs: BroadcastInputs) {
  const { signaling } = useClient();
  const [session, setSession] = useState<BroadcastSession>();
  const [stats, setStats] = useState<BroadcastStats>();
  const [resumable, setResumable] = useState<Resumable>();
  const snapshot = useSyncExternalStore(session?.onChange ?? nothing, () => session?.current());
  const running = snapshot?.state === "starting" || snapshot?.state === "live";

  useEffect(() => void broadcastMemory.find().then(setResumable), []);

  const start = useCallback(
    (details: BroadcastDetails, qualities: readonly Quality[] | undefined, resume?: Resumable) => {
      setResumable(undefined);
      setSession(new BroadcastSession({ signaling, ...details, inputs, ...(qualities && { qualities }), ...(resume && { resume }) }));
    },
    [signaling, inputs],
  );
  const reset = useCallback(() => setSession(undefined), []);
  const decline = useCallback(() => {
    setResumable(undefined);
    void broadcastMemory.forget();
  }, []);

  useEffect(() => session?.show(inputs), [session, inputs]);

  useEffect(() => {
    if (!session) return setStats(undefined);
    const timer = setInterval(() => setStats((last) => session.stats() ?? last), 1_000);
    Object.assign(globalThis, { p2pStream: { stats: () => session.stats(), snapshot: () => session.current() } });
    const leave = () => session.leave();
    addEventListener("pagehide", leave);
    return () => {
      clearInterval(timer);
      removeEventListener("pagehide", leave);
      session.leave();
    };
  }, [session]);

  // Closing the tab ends the stream for everybody, a minute later: the browser asks first.
  useEffect(() => {
    if (!running) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [running]);

  return { session, snapshot, stats, running, resumable, start, reset, decline };
}
