import { useEffect, useSyncExternalStore } from "react";
import type { LiveStream } from "@p2p-stream/client";
import { useClient } from "../../app/ClientProvider";

/** The streams that are live now, newest first; keeps the last list while the server is away. `undefined` until the first came. */
export function useLiveStreams(): readonly LiveStream[] | undefined {
  const { streamList } = useClient();
  useEffect(() => streamList.subscribe(), [streamList]);
  return useSyncExternalStore(streamList.onChange, streamList.current);
}
