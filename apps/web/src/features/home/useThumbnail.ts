import { useEffect, useState } from "react";
import { thumbnailUrl, type LiveStream } from "@p2p-stream/client";
import { useClient } from "../../app/ClientProvider";

/** The address of a stream's newest thumbnail; a hidden tab keeps the one that it has, and asks for none. */
export function useThumbnail(stream: LiveStream): string | undefined {
  const { signaling } = useClient();
  const newest = thumbnailUrl(signaling, stream);
  const [shown, setShown] = useState(newest);
  useEffect(() => {
    const show = () => document.hidden || setShown(newest);
    show();
    document.addEventListener("visibilitychange", show);
    return () => document.removeEventListener("visibilitychange", show);
  }, [newest]);
  return shown;
}
