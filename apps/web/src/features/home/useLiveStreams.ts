import { useEffect, useSyncExternalStore } from "react";
import type { LiveStream, StreamFilter } from "@p2p-stream/client";
import { useClient } from "../../app/ClientProvider";

export interface ListedStreams {
  /** In the order of the filter; `undefined` until the first list came. Keeps the last one while the server is away. */
  streams: readonly LiveStream[] | undefined;
  /** That this list was asked with. */
  listedFor: StreamFilter | undefined;
  /** How many there are in all. */
  total: number;
}

/** The streams that are live now and wanted. */
export function useLiveStreams(filter: StreamFilter): ListedStreams {
  const { streamList } = useClient();
  useEffect(() => streamList.setFilter(filter), [streamList, filter]);
  useEffect(() => streamList.subscribe(), [streamList]);
  const streams = useSyncExternalStore(streamList.onChange, streamList.current);
  return { streams, listedFor: streamList.listedFor, total: streamList.total };
}
