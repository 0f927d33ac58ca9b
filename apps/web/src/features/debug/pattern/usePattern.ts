import { useEffect, useRef } from "react";
import { drawPattern, patternSize } from "./drawPattern";

const frameMs = 1_000 / patternSize.framesPerS;
const calmFrameMs = 1_000;

/** Draws the pattern into a canvas: at its frame rate while it is `published`, else only while it is seen, and calmly for who prefers that. */
export function usePattern(published: boolean) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef(0);
  useEffect(() => {
    const context = canvas.current?.getContext("2d", { alpha: false });
    if (!context) return;
    const calm = !published && matchMedia("(prefers-reduced-motion: reduce)").matches;
    const draw = () => {
      if (!published && document.hidden) return;
      drawPattern(context, { nowMs: Date.now(), frame: frame.current++ });
    };
    draw();
    const timer = setInterval(draw, calm ? calmFrameMs : frameMs);
    return () => clearInterval(timer);
  }, [published]);
  return canvas;
}
