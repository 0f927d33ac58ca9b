import { clockUs, type CompositorInput, type FromCompositor, type ToCompositor } from "./compositorMessages";
import type { Card, Inset, Scene, Size } from "./scene";

export interface CompositorEvents {
  /** Stamped by clockUs() of this page. The taker closes it. */
  frame(frame: VideoFrame): void;
  failed(detail: string): void;
}

/** Makes the stream's pictures out of camera and screen (compositor.worker.ts), from construction until stop(). */
export class Compositor {
  readonly #worker: Worker;
  readonly #tracks = new Map<CompositorInput, MediaStreamTrack>();
  #thumbnails: ((bytes: Uint8Array<ArrayBuffer> | undefined) => void)[] = [];

  constructor(picture: Size, framesPerS: number, events: CompositorEvents) {
    this.#worker = new Worker(new URL("./compositor.worker.ts", import.meta.url), { type: "module" });
    this.#worker.onerror = (event) => events.failed(event.message || "the compositor did not load");
    this.#worker.onmessage = ({ data }: MessageEvent<FromCompositor>) => {
      if (data.kind === "ready") return this.#tell({ kind: "clock", nowUs: clockUs() });
      if (data.kind === "failed") return events.failed(data.detail);
      if (data.kind === "thumbnail") return this.#thumbnails.shift()?.(data.bytes);
      this.#tell({ kind: "taken" });
      events.frame(data.frame);
    };
    this.#tell({ kind: "start", picture, framesPerS });
  }

  /** A track that is given again is read on; one that is not given any more is let go, but not stopped. */
  setInput(input: CompositorInput, track: MediaStreamTrack | undefined): void {
    if (this.#tracks.get(input) === track) return;
    if (track) this.#tracks.set(input, track);
    else this.#tracks.delete(input);
    const frames = track && new MediaStreamTrackProcessor<VideoFrame>({ track, maxBufferSize: 1 }).readable;
    this.#tell({ kind: "input", input, frames }, frames ? [frames] : []);
  }

  show(scene: Scene, inset: Inset, card: Card): void {
    this.#tell({ kind: "show", scene, inset, card });
  }

  /** What the stream shows now, as a JPEG of at most `bytesMax`; undefined where that cannot be made. */
  thumbnail(width: number, bytesMax: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return new Promise((resolve) => {
      this.#thumbnails.push(resolve);
      this.#tell({ kind: "thumbnail", width, bytesMax });
    });
  }

  stop(): void {
    this.#worker.terminate();
    for (const resolve of this.#thumbnails.splice(0)) resolve(undefined);
  }

  #tell(message: ToCompositor, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}
