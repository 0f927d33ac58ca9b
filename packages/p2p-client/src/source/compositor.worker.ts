/**
 * Makes the stream's pictures out of camera and screen, in a worker: its timers and messages go at full speed in a tab that nobody looks at, and
 * a busy page does not hold up frames. A source of the picture's own shape is passed on as it is; anything else is painted.
 */
import { clockUs, type CompositorInput, type FromCompositor, type ToCompositor } from "./compositorMessages";
import { FramePace } from "./framePace";
import { defaultInset, fills, placeInset, placeWhole, type Card, type Inset, type Rect, type Scene, type Size } from "./scene";

/** Frames that the page has not taken yet; further ones are not made, since late frames help nobody. */
const untakenMax = 4;

interface Worker {
  onmessage: ((event: MessageEvent<ToCompositor>) => void) | null;
  postMessage(message: FromCompositor, transfer?: Transferable[]): void;
}
const page = globalThis as unknown as Worker;

/** The newest frame of a source. */
class Input {
  frame: VideoFrame | undefined;
  #reader: ReadableStreamDefaultReader<VideoFrame> | undefined;

  take(frames: ReadableStream<VideoFrame> | undefined, arrived: () => void): void {
    void this.#reader?.cancel().catch(() => {});
    this.#reader = frames?.getReader();
    if (this.#reader) void this.#read(this.#reader, arrived);
    else this.#drop();
  }

  async #read(reader: ReadableStreamDefaultReader<VideoFrame>, arrived: () => void): Promise<void> {
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }) as const);
      if (reader !== this.#reader) return value?.close();
      // What ended stays as it was: what comes in its place is the page's to say.
      if (done || !value) return;
      this.#drop();
      this.frame = value;
      arrived();
    }
  }

  #drop(): void {
    this.frame?.close();
    this.frame = undefined;
  }
}

const sizeOf = (frame: VideoFrame): Size => ({ width: frame.displayWidth, height: frame.displayHeight });

class Compositor {
  readonly #inputs: Record<CompositorInput, Input> = { camera: new Input(), screen: new Input() };
  readonly #canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D;
  readonly #pace: FramePace;
  #scene: Scene = "camera";
  #inset: Inset = defaultInset;
  #card: Card = { letters: "", ground: "#242422" };
  #untaken = 0;
  #madeAtUs = 0;
  #pageAheadUs: number | undefined;

  constructor(picture: Size, framesPerS: number) {
    this.#canvas = new OffscreenCanvas(picture.width, picture.height);
    const context = this.#canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("no canvas to paint on");
    this.#context = context;
    this.#pace = new FramePace(framesPerS);
    // A screen on which nothing moves delivers no frames, and neither does a card.
    setInterval(() => this.#pace.overdue(clockUs()) && this.#make(), this.#pace.frameUs / 4000);
  }

  take(input: CompositorInput, frames: ReadableStream<VideoFrame> | undefined): void {
    this.#inputs[input].take(frames, () => {
      const leads = this.#scene === "screen" ? "screen" : "camera";
      if (input === leads && this.#pace.arrived(clockUs())) this.#make();
    });
  }

  /** Pictures are made from now on. */
  setClock(pageNowUs: number): void {
    this.#pageAheadUs = pageNowUs - clockUs();
  }

  show(scene: Scene, inset: Inset, card: Card): void {
    if (this.#scene !== scene) this.#pace.reset();
    this.#scene = scene;
    this.#inset = inset;
    this.#card = card;
  }

  taken(): void {
    this.#untaken -= 1;
  }

  async thumbnail(width: number, bytesMax: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const height = Math.round((width * this.#canvas.height) / this.#canvas.width);
    const small = new OffscreenCanvas(width, height);
    const context = small.getContext("2d", { alpha: false });
    if (!context) return undefined;
    this.#paint(context, { width, height });
    for (const quality of [0.75, 0.5, 0.25]) {
      const image = await small.convertToBlob({ type: "image/jpeg", quality });
      if (image.size <= bytesMax) return new Uint8Array(await image.arrayBuffer());
    }
    return undefined;
  }

  #make(): void {
    if (this.#untaken >= untakenMax || this.#pageAheadUs === undefined) return;
    this.#madeAtUs = Math.max(clockUs(), this.#madeAtUs + 1);
    this.#pace.made(this.#madeAtUs);
    const stamp = { timestamp: this.#madeAtUs + this.#pageAheadUs, duration: Math.round(this.#pace.frameUs) };
    const whole = this.#whole();
    let frame: VideoFrame;
    if (whole && this.#scene !== "both" && fills(sizeOf(whole), this.#canvas)) {
      frame = new VideoFrame(whole, stamp);
    } else {
      this.#paint(this.#context, this.#canvas);
      frame = new VideoFrame(this.#canvas, { ...stamp, alpha: "discard" });
    }
    this.#untaken += 1;
    page.postMessage({ kind: "frame", frame }, [frame]);
  }

  /** What fills the picture, or lies under the inset. */
  #whole(): VideoFrame | undefined {
    return this.#scene === "camera" ? this.#inputs.camera.frame : this.#inputs.screen.frame;
  }

  #paint(context: OffscreenCanvasRenderingContext2D, picture: Size): void {
    const whole = this.#whole();
    if (!whole) return this.#paintCard(context, picture);
    const draw = (frame: VideoFrame, { x, y, width, height }: Rect) => context.drawImage(frame, x, y, width, height);
    if (!fills(sizeOf(whole), picture)) {
      context.fillStyle = "#000000";
      context.fillRect(0, 0, picture.width, picture.height);
    }
    draw(whole, placeWhole(sizeOf(whole), picture));
    const inset = this.#scene === "both" ? this.#inputs.camera.frame : undefined;
    if (inset) draw(inset, placeInset(sizeOf(inset), this.#inset, picture));
  }

  #paintCard(context: OffscreenCanvasRenderingContext2D, { width, height }: Size): void {
    context.fillStyle = this.#card.ground;
    context.fillRect(0, 0, width, height);
    context.fillStyle = "#ffffff";
    context.font = `640 ${Math.round(height / 4)}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(this.#card.letters, width / 2, height / 2);
  }
}

let compositor: Compositor | undefined;

function handle(message: ToCompositor): void {
  if (message.kind === "start") compositor = new Compositor(message.picture, message.framesPerS);
  else if (message.kind === "clock") compositor?.setClock(message.nowUs);
  else if (message.kind === "input") compositor?.take(message.input, message.frames);
  else if (message.kind === "show") compositor?.show(message.scene, message.inset, message.card);
  else if (message.kind === "taken") compositor?.taken();
  else {
    void compositor
      ?.thumbnail(message.width, message.bytesMax)
      .catch(() => undefined)
      .then((bytes) => page.postMessage({ kind: "thumbnail", bytes }, bytes ? [bytes.buffer] : []));
  }
}

page.onmessage = ({ data }) => {
  try {
    handle(data);
  } catch (error) {
    page.postMessage({ kind: "failed", detail: error instanceof Error ? error.message : String(error) });
  }
};

page.postMessage({ kind: "ready" });
