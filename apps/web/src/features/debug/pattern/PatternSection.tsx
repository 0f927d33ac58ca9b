import { Volume2, VolumeX } from "lucide-react";
import { useState, type RefObject } from "react";
import { text } from "../../../text/text";
import { patternSize } from "./drawPattern";

interface Props {
  canvas: RefObject<HTMLCanvasElement | null>;
  glassToGlass: { viewer: number; ms: number } | undefined;
  live: boolean;
  onHear: (heard: boolean) => void;
}

/** The generated picture, and how old it is where a real viewer shows it. */
export function PatternSection({ canvas, glassToGlass, live, onHear }: Props) {
  const words = text.debug.picture;
  const [heard, setHeard] = useState(false);
  const hear = () => {
    onHear(!heard);
    setHeard(!heard);
  };
  return (
    <section aria-label={words.name}>
      <canvas ref={canvas} className="debug-pattern" width={patternSize.width} height={patternSize.height} role="img" aria-label={words.name} />
      <p className="row small debug-picture-line">
        <span className="muted">{words.glassToGlass}</span>
        {glassToGlass ? (
          <>
            <b className="strong peer" data-testid="glass-to-glass">
              {Math.round(glassToGlass.ms)} ms
            </b>
            <span className="faint">{words.at(glassToGlass.viewer)}</span>
          </>
        ) : (
          <span className="faint">{words.none}</span>
        )}
        <span className="muted push">{words.tone}</span>
        <button className="icon-button" aria-label={heard ? words.mute : words.hear} aria-pressed={heard} disabled={!live} onClick={hear}>
          {heard ? <Volume2 size={18} strokeWidth={1.75} aria-hidden /> : <VolumeX size={18} strokeWidth={1.75} aria-hidden />}
        </button>
      </p>
    </section>
  );
}
