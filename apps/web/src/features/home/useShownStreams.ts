import { useEffect, useRef, useState } from "react";
import type { LiveStream, StreamFilter } from "@p2p-stream/client";

export interface ShownStream {
  stream: LiveStream;
  ended: boolean;
}

const endedShownMs = 10_000;

/**
 * The list as the page shows it: what is there stays where it is, a new stream joins at the end, one that ended (or is not wanted any more)
 * fades for 10 s. With another filter it begins anew.
 */
export function useShownStreams(streams: readonly LiveStream[] | undefined, listedFor: StreamFilter | undefined): readonly ShownStream[] | undefined {
  const [shown, setShown] = useState<readonly ShownStream[]>();
  const shownFor = useRef(listedFor);
  const timers = useRef(new Map<string, ReturnType<typeof setTimeout>>());

  useEffect(() => {
    if (!streams) return;
    if (shownFor.current !== listedFor) {
      shownFor.current = listedFor;
      return setShown(streams.map((stream) => ({ stream, ended: false })));
    }
    const byId = new Map(streams.map((stream) => [stream.id, stream]));
    setShown((before = []) => {
      const kept = before.map(({ stream }) => {
        const now = byId.get(stream.id);
        return { stream: now ?? stream, ended: now === undefined };
      });
      const known = new Set(before.map(({ stream }) => stream.id));
      return [...kept, ...streams.filter(({ id }) => !known.has(id)).map((stream) => ({ stream, ended: false }))];
    });
  }, [streams, listedFor]);

  useEffect(() => {
    for (const { stream, ended } of shown ?? []) {
      if (ended && !timers.current.has(stream.id)) {
        const remove = () => {
          timers.current.delete(stream.id);
          setShown((before) => before?.filter((other) => other.stream.id !== stream.id || !other.ended));
        };
        timers.current.set(stream.id, setTimeout(remove, endedShownMs));
      } else if (!ended) {
        clearTimeout(timers.current.get(stream.id));
        timers.current.delete(stream.id);
      }
    }
  }, [shown]);

  return shown;
}
