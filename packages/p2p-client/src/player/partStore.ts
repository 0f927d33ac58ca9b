import type { PlayablePart, RenditionInfo } from "../engine/engine";
import type { Module } from "../engine/module";

/** How much of the stream the page keeps for its own player; the engine keeps its own window for others. */
const segmentsKept = 12;
const partTargetUs = 200_000;
const segmentTargetUs = 2_000_000;
const holdBackParts = 3;
/** What player_add says of a part with which the playlist begins anew. */
const playlistRestarted = 2;

interface Waiting {
  exists: () => boolean;
  resolve: () => void;
}

/** The parts that the engine handed over, as hls.js wants them: a playlist, headers, parts and whole segments. */
export class PartStore {
  readonly #module: Module;
  readonly #player: number;
  readonly #segments = new Map<number, Map<number, Uint8Array<ArrayBuffer>>>();
  #waiting: Waiting[] = [];
  readonly #headers = new Map<number, Uint8Array<ArrayBuffer>>();
  #captured: { startUs: number; endUs: number; capturedUs: number }[] = [];
  #newest: { segment: number; part: number } | undefined;

  constructor(module: Module) {
    this.#module = module;
    this.#player = module.exports.player_new(partTargetUs, segmentTargetUs, holdBackParts, segmentsKept - 2);
  }

  free(): void {
    this.#module.exports.player_free(this.#player);
  }

  /** False: the header is not one that can be read. */
  setHeader(rendition: RenditionInfo): boolean {
    this.#module.give(rendition.init);
    if (!this.#module.exports.player_init(this.#player, rendition.id)) return false;
    this.#headers.set(rendition.id, rendition.init);
    return true;
  }

  /** True: it follows on nothing that was listed before, and the playlist begins anew with it. */
  add(part: PlayablePart): boolean {
    const added = this.#module.exports.player_add(
      this.#player,
      part.rendition,
      part.segment,
      part.part,
      Number(part.independent),
      part.mediaTimeUs,
      part.durationUs,
      part.capturedUs,
    );
    let segment = this.#segments.get(part.segment);
    if (!segment) this.#segments.set(part.segment, (segment = new Map()));
    segment.set(part.part, part.bytes);
    for (const number of this.#segments.keys()) {
      if (number + segmentsKept <= part.segment) this.#segments.delete(number);
    }
    const endUs = part.mediaTimeUs + part.durationUs;
    this.#captured.push({ startUs: part.mediaTimeUs, endUs, capturedUs: part.capturedUs });
    if (this.#captured.length > 200) this.#captured.shift();
    this.#newest = { segment: part.segment, part: part.part };
    this.#wake();
    return added === playlistRestarted;
  }

  end(): void {
    this.#module.exports.player_end(this.#player);
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  /** The media time of what was captured then (source's clock, ms); undefined when it is not among the recent parts. */
  mediaTimeS(capturedMs: number): number | undefined {
    const us = capturedMs * 1000;
    const part = this.#captured.findLast(({ startUs, endUs, capturedUs }) => capturedUs - (endUs - startUs) <= us);
    return part && (part.endUs - (part.capturedUs - us)) / 1e6;
  }

  playlist(): string {
    return this.#module.textView(this.#module.exports.player_playlist(this.#player));
  }

  /** Resolves when that part, or a later one, exists. */
  waitFor(segment: number, part: number, signal: AbortSignal): Promise<void> {
    return this.#wait(() => this.#module.exports.player_has(this.#player, segment, part) !== 0, signal);
  }

  /** The same in the playlist's own numbers, as a blocking reload asks. */
  waitForListed(sequence: number, part: number, signal: AbortSignal): Promise<void> {
    return this.#wait(() => this.#module.exports.player_has_listed(this.#player, sequence, part) !== 0, signal);
  }

  waitForAny(signal: AbortSignal): Promise<void> {
    return this.#wait(() => this.#newest !== undefined, signal);
  }

  #wait(exists: () => boolean, signal: AbortSignal): Promise<void> {
    if (exists()) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = { exists, resolve };
      this.#waiting.push(waiting);
      signal.addEventListener("abort", () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
      });
    });
  }

  header(rendition: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#headers.get(rendition);
  }

  /** A part, or the filler for one that was given up. */
  part(segment: number, part: number): Uint8Array<ArrayBuffer> | undefined {
    const bytes = this.#segments.get(segment)?.get(part);
    if (bytes) return bytes;
    const filler = this.#module.exports.player_filler(this.#player, segment, part);
    return filler === 0 ? undefined : this.#module.copyView(filler);
  }

  /** The parts of a segment from `first` on, one after the other. */
  segment(segment: number, first = 0): Uint8Array<ArrayBuffer> | undefined {
    const parts = this.#segments.get(segment);
    if (!parts) return undefined;
    const last = Math.max(...parts.keys());
    const chunks: Uint8Array[] = [];
    for (let part = first; part <= last; ++part) {
      const bytes = this.part(segment, part);
      if (bytes) chunks.push(bytes);
    }
    const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }

  #wake(): void {
    const ready = this.#waiting.filter(({ exists }) => exists());
    this.#waiting = this.#waiting.filter((waiting) => !ready.includes(waiting));
    for (const { resolve } of ready) resolve();
  }
}
