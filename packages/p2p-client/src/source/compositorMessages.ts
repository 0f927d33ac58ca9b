import type { Card, Inset, Scene, Size } from "./scene";

export type CompositorInput = "camera" | "screen";

/** What the page tells the compositor's worker. */
export type ToCompositor =
  | { kind: "start"; picture: Size; framesPerS: number }
  /** What the page's clock says now; the answer to `ready`. */
  | { kind: "clock"; nowUs: number }
  /** Frames of a source, until they end; undefined: there is none any more. */
  | { kind: "input"; input: CompositorInput; frames: ReadableStream<VideoFrame> | undefined }
  | { kind: "show"; scene: Scene; inset: Inset; card: Card }
  /** The frame was taken: there is room for another. */
  | { kind: "taken" }
  | { kind: "thumbnail"; width: number; bytesMax: number };

/** What it says. Frames are stamped by the page's clock. */
export type FromCompositor =
  | { kind: "ready" }
  | { kind: "frame"; frame: VideoFrame }
  | { kind: "thumbnail"; bytes: Uint8Array<ArrayBuffer> | undefined }
  /** It cannot go on: a sentence for whoever looks into it. */
  | { kind: "failed"; detail: string };

/**
 * Microseconds of a clock that never goes back. A page's and a worker's begin at different times, and drift apart in a sleep of the machine: the
 * worker is told the page's.
 */
export const clockUs = (): number => Math.round(performance.now() * 1000);
