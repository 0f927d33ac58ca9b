import { useLayoutEffect, useRef } from "react";
import { placeInPage } from "./placeAhead";

/** Shows a video element that the session owns, so that the picture may start before the page is drawn. */
export function Picture({ video }: { video: HTMLVideoElement | undefined }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!video) return;
    if (place.current) placeInPage(video, place.current);
    // A browser pauses a video that leaves the document; one that is put back goes on.
    if (video.autoplay && video.paused) void video.play().catch(() => {});
    return () => video.remove();
  }, [video]);
  return <div ref={place} className="picture" />;
}
