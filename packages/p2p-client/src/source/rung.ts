import type { ProducedPart, RenditionInfo } from "../engine/engine";
import type { Module } from "../engine/module";
import { Packager, type EncodedFrame, type PackagedPart } from "./packager";

/** Where a stream stands, so that its source can go on after it was started anew: what comes next. */
export interface Progress {
  segment: number;
  mediaTimeUs: number;
}

const partMs = 200;
const segmentMs = 2_000;

/**
 * One quality of a stream: a video encoder, if there is a picture, and the writer of its parts. It can be left out for a while: viewers are told
 * with the parts of its last segments, and it comes back with the number that the others have reached.
 */
export class Rung {
  readonly id: number;
  readonly bitsPerS: number;
  readonly height: number;
  video: VideoEncoder | undefined;
  header: Omit<RenditionInfo, "id" | "bitsPerS"> | undefined;
  /** Of the newest part. */
  segment: number;
  /** Where the newest part ends. */
  endUs: number;
  readonly #module: Module;
  #packager: Packager;
  #description: Uint8Array | undefined;
  #setSound: ((packager: Packager) => void) | undefined;
  #lastSegment: number | undefined;
  #paused = false;
  #wakes = false;

  constructor(module: Module, { id, bitsPerS, height }: { id: number; bitsPerS: number; height: number }, resumed?: Progress) {
    this.#module = module;
    this.id = id;
    this.bitsPerS = bitsPerS;
    this.height = height;
    this.segment = (resumed?.segment ?? 0) - 1;
    this.endUs = resumed?.mediaTimeUs ?? 0;
    this.#packager = this.#makePackager(resumed?.segment ?? 0);
  }

  /** It takes frames. */
  get runs(): boolean {
    return !this.#paused;
  }
  get paused(): boolean {
    return this.#paused && !this.#wakes;
  }
  /** It is paused, or will be after its last segment. */
  get leaving(): boolean {
    return this.#lastSegment !== undefined && !this.#wakes;
  }

  /** The encoder's avcC record; true once there is a first one. */
  describeVideo(description: Uint8Array): boolean {
    if (this.#description) return true;
    if (!this.#packager.setVideo(description)) return false;
    this.#description = description.slice();
    return true;
  }
  setOpus(channels: number): void {
    this.#sound((packager) => packager.setOpus(channels));
  }
  setAac(config: Uint8Array): void {
    const kept = config.slice();
    this.#sound((packager) => packager.setAac(kept));
  }

  /** After the tracks are known; again, it changes nothing. */
  start(): void {
    this.header ??= this.#packager.start();
  }

  push(frame: EncodedFrame): ProducedPart[] {
    return this.#number(this.#packager.push(frame));
  }
  flush(): ProducedPart[] {
    return this.header && !this.#paused ? this.#number(this.#packager.flush()) : [];
  }
  free(): void {
    this.#packager.free();
  }

  pauseAfter(segment: number): void {
    this.#lastSegment = segment;
    this.#wakes = false;
  }
  wake(): void {
    this.#wakes = true;
  }

  /** A segment of that number begins in all qualities that run. Resolves with the last parts of one that does not any more. */
  async segmentBegins(segment: number): Promise<ProducedPart[]> {
    if (this.#wakes) {
      this.#wakes = false;
      this.#lastSegment = undefined;
      if (!this.#paused) return [];
      this.#paused = false;
      this.#packager.free();
      this.#packager = this.#makePackager(segment);
      if (this.#description) this.#packager.setVideo(this.#description);
      this.#setSound?.(this.#packager);
      this.#packager.start();
      return [];
    }
    if (this.#paused || this.#lastSegment === undefined || segment <= this.#lastSegment) return [];
    this.#paused = true;
    // What the encoder still holds belongs to the last segment.
    await this.video?.flush().catch(() => {});
    return this.#paused ? this.#number(this.#packager.flush()) : [];
  }

  #sound(set: (packager: Packager) => void): void {
    this.#setSound = set;
    if (!this.header) set(this.#packager);
  }

  #makePackager(firstSegment: number): Packager {
    return new Packager(this.#module, { partMs, segmentMs, firstSegment });
  }

  #number(parts: PackagedPart[]): ProducedPart[] {
    return parts.map((part) => {
      this.segment = part.segment;
      this.endUs = part.mediaTimeUs + part.durationUs;
      const left = this.#lastSegment === undefined || this.#wakes ? 0 : Math.max(1, this.#lastSegment - part.segment + 1);
      return { ...part, rendition: this.id, segmentsLeft: left };
    });
  }
}
