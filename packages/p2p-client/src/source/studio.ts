import type { Module } from "../engine/module";
import { AudioMix } from "./audioMix";
import { Compositor } from "./compositor";
import type { Quality } from "./encoders";
import { defaultCard, type BroadcastInputs } from "./inputs";
import { MediaEncoder, type EncoderLoad, type MediaEncoderEvents } from "./mediaEncoder";
import type { Progress } from "./rung";
import { defaultInset, pictureFor, type Size } from "./scene";

const framesPerS = 30;
/** No frame for so long: the machine slept. A page's own timers say nothing, since they are held back in hidden tabs. */
const sleptAfterMs = 5_000;

export interface StudioEvents extends MediaEncoderEvents {
  stoodStill(forMs: number): void;
}

/** What stays the same for the length of a stream, however its sources change. */
export interface StudioSettings {
  /** Undefined: sound alone. */
  picture: Size | undefined;
  qualities: readonly Quality[] | undefined;
}

/** The settings that suit a stream's first sources. */
export function settingsFor({ scene, camera, screen }: BroadcastInputs, qualities: readonly Quality[] | undefined): StudioSettings {
  const track = scene === "camera" ? (camera ?? screen) : (screen ?? camera);
  const { width, height } = track?.getSettings() ?? {};
  return { picture: track && pictureFor(width && height ? { width, height } : undefined), qualities };
}

/**
 * From sources to parts: pictures by the compositor, sound by the mix, both through the encoders, from start() until stop(). Sources may change at
 * any time; the stream goes on with the same sizes, on one axis of time.
 */
export class Studio {
  readonly #encoder: MediaEncoder;
  readonly #mix = new AudioMix();
  readonly #compositor: Compositor | undefined;
  readonly #settings: StudioSettings;
  #frameAtMs: number | undefined;

  constructor(settings: StudioSettings, events: StudioEvents) {
    this.#settings = settings;
    this.#encoder = new MediaEncoder(events);
    if (!settings.picture) return;
    this.#compositor = new Compositor(settings.picture, framesPerS, {
      frame: (frame) => {
        const nowMs = Date.now();
        if (this.#frameAtMs !== undefined && nowMs - this.#frameAtMs > sleptAfterMs) events.stoodStill(nowMs - this.#frameAtMs);
        this.#frameAtMs = nowMs;
        this.#encoder.encode(frame);
      },
      failed: (detail) => events.failed("encoder-failed", detail),
    });
  }

  start(module: Module, resumed?: Progress): Promise<void> {
    const { picture, qualities } = this.#settings;
    return this.#encoder.start(module, { picture, framesPerS, sound: this.#mix.track, qualities, resumed });
  }

  show({ scene, camera, screen, microphone, screenSound, muted = false, inset = defaultInset, card = defaultCard }: BroadcastInputs): void {
    this.#mix.setInput("microphone", microphone);
    this.#mix.setInput("screen", screenSound);
    this.#mix.mute(muted);
    this.#compositor?.setInput("camera", camera);
    this.#compositor?.setInput("screen", screen);
    this.#compositor?.show(scene, inset, card);
  }

  thumbnail(width: number, bytesMax: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#compositor?.thumbnail(width, bytesMax) ?? Promise.resolve(undefined);
  }

  pauseBest(): number | undefined {
    return this.#encoder.pauseBest();
  }
  resumeNext(): number | undefined {
    return this.#encoder.resumeNext();
  }
  takeLoad(): EncoderLoad {
    return this.#encoder.takeLoad();
  }

  get paused(): number[] {
    return this.#encoder.paused;
  }
  get progress(): Progress {
    return this.#encoder.progress;
  }
  get droppedFrames(): number {
    return this.#encoder.droppedFrames;
  }
  get encodedBitsPerS(): number {
    return this.#encoder.encodedBitsPerS;
  }

  flush(): void {
    this.#encoder.flush();
  }

  stop(): void {
    this.#compositor?.stop();
    this.#encoder.stop();
    this.#mix.stop();
  }
}
