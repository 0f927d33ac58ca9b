import { useEffect, useRef, useState, type ReactNode } from "react";
import { placeInset, type Card, type Size } from "@p2p-stream/client";
import { text } from "../../text/text";
import { InsetHandle } from "./InsetHandle";
import type { Sources, SourcesSnapshot } from "./sources";

interface Props {
  sources: Sources;
  shown: SourcesSnapshot;
  picture: Size;
  card: Card;
  live: boolean;
  children?: ReactNode;
}

/** What viewers see: the tracks themselves, laid out as the compositor lays them out. */
export function Preview({ sources, shown, picture, card, live, children }: Props) {
  const words = text.broadcast;
  const { scene, camera, screen, inset } = shown;
  const whole = scene === "camera" ? camera : screen;
  const [cameraSize, setCameraSize] = useState<Size>();
  const box = useRef<HTMLDivElement>(null);
  const percent = (part: number, of: number) => `${(100 * part) / of}%`;
  const placed = scene === "both" && camera ? placeInset(cameraSize ?? { width: 16, height: 9 }, inset, picture) : undefined;
  return (
    <div
      className="preview"
      ref={box}
      style={{ aspectRatio: `${picture.width} / ${picture.height}`, maxWidth: `calc((100vh - 260px) * ${picture.width / picture.height})` }}
    >
      {whole ? (
        <Picture track={whole} label={words.preview} className="whole" onSize={scene === "camera" ? setCameraSize : undefined} />
      ) : (
        (shown.cameraOff || live) && (
          <div className="card-still" style={{ background: card.ground }} role="img" aria-label={words.cardShown}>
            {card.letters}
          </div>
        )
      )}
      {placed && camera && (
        <div
          className="inset"
          style={{
            left: percent(placed.x, picture.width),
            top: percent(placed.y, picture.height),
            width: percent(placed.width, picture.width),
            height: percent(placed.height, picture.height),
          }}
        >
          <Picture track={camera} label={words.insetPreview} className="inset-video" onSize={setCameraSize} />
          <InsetHandle
            box={box}
            camera={cameraSize ?? { width: 16, height: 9 }}
            inset={inset}
            picture={picture}
            onChange={(next) => sources.setInset(next)}
          />
        </div>
      )}
      {(whole || live) && (
        <span className="preview-tag tiny strong">
          {live && <i className="dot" aria-hidden />}
          {live ? words.whatViewersSee : words.onlyYou}
        </span>
      )}
      {children}
    </div>
  );
}

function Picture(props: { track: MediaStreamTrack; label: string; className: string; onSize: ((size: Size) => void) | undefined }) {
  const { track, label, className, onSize } = props;
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = new MediaStream([track]);
  }, [track]);
  return (
    <video
      ref={video}
      className={className}
      autoPlay
      playsInline
      muted
      aria-label={label}
      onResize={({ currentTarget: { videoWidth: width, videoHeight: height } }) => width > 0 && onSize?.({ width, height })}
    />
  );
}
