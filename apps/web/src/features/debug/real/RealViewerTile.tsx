import type { LinkStats, WatchSnapshot } from "@p2p-stream/client";
import { X } from "lucide-react";
import { useEffect } from "react";
import { formatShare } from "../format";
import { text } from "../words";
import { useRealViewer } from "./useRealViewer";

interface Props {
  viewer: number;
  streamId: string;
  onTold: (viewer: number, links: readonly LinkStats[], glassToGlassMs: number | undefined) => void;
  onRemove: (viewer: number) => void;
}

function stateOf(snapshot: WatchSnapshot | undefined): string {
  const words = text.debug.real;
  switch (snapshot?.state) {
    case "playing":
      return words.playing;
    case "ended":
    case "source-lost":
      return words.ended;
    case "failed":
    case "not-found":
      return words.failed;
    default:
      return words.joining;
  }
}

/** One real viewer: its picture and how it does. */
export function RealViewerTile({ viewer, streamId, onTold, onRemove }: Props) {
  const words = text.debug.real;
  const { video, viewer: now } = useRealViewer(streamId);
  const { stats, links, snapshot, glassToGlassMs } = now;
  useEffect(() => onTold(viewer, links, glassToGlassMs), [onTold, viewer, links, glassToGlassMs]);
  const received = stats ? stats.receivedFromPeersBytes + stats.receivedFromSourceBytes : 0;
  return (
    <figure className="debug-tile" data-testid="real-viewer">
      <video ref={video} muted playsInline disableRemotePlayback aria-label={words.viewer(viewer)} />
      <figcaption className="tiny">
        <span className="row">
          <b className="strong">{words.viewer(viewer)}</b>
          <span className="muted">{stateOf(snapshot)}</span>
          <button className="icon-button debug-remove push" aria-label={words.remove(viewer)} onClick={() => onRemove(viewer)}>
            <X size={14} strokeWidth={2} aria-hidden />
          </button>
        </span>
        {stats && (
          <span className="faint">
            {words.figures(stats.behindLiveS?.toFixed(2) ?? "-", formatShare(received > 0 ? stats.receivedFromPeersBytes / received : 0, 0))}
          </span>
        )}
      </figcaption>
    </figure>
  );
}
