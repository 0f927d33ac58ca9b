import type { ProducedPart } from "../engine/engine";
import type { Module } from "../engine/module";

export type PackagedPart = Omit<ProducedPart, "rendition" | "segmentsLeft">;

/** What an encoder of WebCodecs gave, on the stream's own axis of time. */
export interface EncodedFrame {
  video: boolean;
  key: boolean;
  timeUs: number;
  durationUs: number;
  /** Of the wall clock. */
  capturedUs: number;
  data: Uint8Array;
}

/** The CMAF writer of libs/media: a rendition's encoded frames in, parts out. */
export class Packager {
  readonly #module: Module;
  readonly #address: number;

  constructor(module: Module, options: { partMs: number; segmentMs: number; firstSegment: number }) {
    this.#module = module;
    this.#address = module.exports.packager_new(options.partMs * 1000, options.segmentMs * 1000, options.firstSegment);
  }

  /** The avcC record of the encoder. */
  setVideo(description: Uint8Array): boolean {
    this.#module.give(description);
    return this.#module.exports.packager_video(this.#address) !== 0;
  }

  setOpus(channels: number): void {
    this.#module.exports.packager_opus(this.#address, channels, 312);
  }

  /** The AudioSpecificConfig of the encoder. */
  setAac(description: Uint8Array): boolean {
    this.#module.give(description);
    return this.#module.exports.packager_aac(this.#address) !== 0;
  }

  /** After the tracks; the header is the same for the whole stream. */
  start(): { init: Uint8Array<ArrayBuffer>; codecs: string; width: number; height: number } {
    const header = this.#module.exports.packager_start(this.#address);
    if (header === 0) throw new Error("neither picture nor sound to package");
    const init = this.#module.copyView(header);
    const codecs = this.#module.textView(this.#module.exports.packager_codecs(this.#address));
    const size = this.#module.exports.packager_size(this.#address);
    return { init, codecs, width: size >>> 16, height: size & 0xffff };
  }

  push(frame: EncodedFrame): PackagedPart[] {
    this.#module.give(frame.data);
    const { video, key, timeUs, durationUs, capturedUs } = frame;
    this.#module.exports.packager_push(this.#address, Number(video), Number(key), timeUs, timeUs, durationUs, capturedUs);
    return this.#take();
  }

  flush(): PackagedPart[] {
    this.#module.exports.packager_flush(this.#address);
    return this.#take();
  }

  free(): void {
    this.#module.exports.packager_free(this.#address);
  }

  #take(): PackagedPart[] {
    const parts: PackagedPart[] = [];
    for (;;) {
      const address = this.#module.exports.packager_take(this.#address);
      if (address === 0) return parts;
      const view = this.#module.view(address);
      parts.push({
        bytes: this.#module.copyView(address),
        segment: view.getUint32(8, true),
        part: view.getUint32(12, true),
        independent: view.getUint32(16, true) !== 0,
        mediaTimeUs: view.getFloat64(24, true),
        durationUs: view.getFloat64(32, true),
        capturedUs: view.getFloat64(40, true),
      });
    }
  }
}
