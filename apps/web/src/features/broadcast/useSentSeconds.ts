import { useEffect, useRef, useState } from "react";
import type { BroadcastStats } from "@p2p-stream/client";
import type { SentSecond } from "./health";

const keptS = 60;

/** The last minute of what was sent, a figure a second; `stats` comes as often. */
export function useSentSeconds(stats: BroadcastStats | undefined): readonly SentSecond[] {
  const [seconds, setSeconds] = useState<readonly SentSecond[]>([]);
  const before = useRef<BroadcastStats>(undefined);
  useEffect(() => {
    const last = before.current;
    before.current = stats;
    if (!stats) return setSeconds([]);
    const second = {
      sentBitsPerS: stats.uploadUsedBitsPerS,
      droppedFrames: stats.droppedFrames - (last?.droppedFrames ?? stats.droppedFrames),
      lineFull: stats.lineFull,
    };
    setSeconds((kept) => [...kept, second].slice(-keptS));
  }, [stats]);
  return seconds;
}
