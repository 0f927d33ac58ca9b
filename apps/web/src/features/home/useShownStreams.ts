import { useEffect, useRef, useState } from "react";
import type { LiveStream } from "@p2p-stream/client";

export interface ShownStream {
  stream: LiveStream;
  ended: boolean;
}

const endedShownMs = 10_000;

/** The list as the page shows it: what is there stays where it is, a new stream joins at the end, an ended one fades for 10 s. */
export function useShownStreams(streams: readonly LiveStream[] | undefined): readonly ShownStream[] | undefined {
  const [shown, setShown] = useState<readonly ShownStream[]>();
  const timers = useRef(new Map<string, ReturnType<typeof setTimeout>>());

  useEffect(() => {
    if (!streams) return;
    const byId = new Map(streams.map((stream) => [stream.id, stream]));
    setShown((before = []) => {
      const kept = before.map(({ stream }) => {
        const now = byId.get(stream.id);
        return { stream: now ?? stream, ended: now === undefined };
      });
      const known = new Set(before.map(({ stream }) => stream.id));
      return [...kept, ...streams.filter(({ id }) => !known.has(id)).map((stream) => ({ stream, ended: false }))];
    });
  }, [streams]);

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
