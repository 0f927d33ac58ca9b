import { useEffect, useState, useSyncExternalStore } from "react";
import { Sources, type SourcesSnapshot } from "./sources";

/** The streamer's camera, microphone and screen, closed with the page. */
export function useSources(): { sources: Sources; shown: SourcesSnapshot } {
  const [sources] = useState(() => new Sources());
  useEffect(() => {
    sources.follow();
    return () => sources.close();
  }, [sources]);
  return { sources, shown: useSyncExternalStore(sources.onChange, sources.current) };
}
