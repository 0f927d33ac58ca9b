import type { PlayablePart, RenditionInfo } from "../engine/engine";
import type { Module } from "../engine/module";
import { chooseAudio, chooseVideo, defaultQualities, type AudioChoice, type Quality, type VideoChoice } from "./encoders";
import { Packager, type PackagedPart } from "./packager";

export type EncoderProblem = "encoder-missing" | "no-track" | "encoder-failed";

export interface MediaEncoderEvents {
  /** Once, when the headers of all are known: the least first, with which viewers begin. */
  renditions(renditions: RenditionInfo[]): void;
  part(part: Omit<PlayablePart, "discontinuous">): void;
  failed(problem: EncoderProblem, detail: string): void;
}

const partMs = 200;
const segmentMs = 2_000;
/** Frames that may wait in an encoder; further ones are dropped, since late frames help nobody. */
const encoderQueueMax = 4;
const audioBitsPerS = 96_000;
/** Parts that wait until all qualities have their header: what takes longer than so many (a few seconds) does not come. */
const earlyMax = 64;

/** One quality on its way: a video encoder, if there is a picture, and the writer of its parts. */
interface Rung {
  id: number;
  bitsPerS: number;
  packager: Packager;
  video: VideoEncoder | undefined;
  header: Omit<RenditionInfo, "id" | "bitsPerS"> | undefined;
}

/** Encodes camera and microphone in one or several qualities, from start() until stop(). All have their key frames together, so that viewers can change. */
export class MediaEncoder {
  readonly #events: MediaEncoderEvents;
  readonly #cleanup: (() => void)[] = [];
  #rungs: Rung[] = [];
  #announced = false;
  #stopped = false;
  #originUs: number | undefined;
  #droppedFrames = 0;
  #bytes: { atMs: number; bytes: number }[] = [];
  #early: Omit<PlayablePart, "discontinuous">[] = [];

  constructor(events: MediaEncoderEvents) {
    this.#events = events;
  }

  async start(module: Module, media: MediaStream, wanted?: readonly Quality[]): Promise<void> {
    const [video] = media.getVideoTracks();
    const [audio] = media.getAudioTracks();
    if (!video && !audio) return this.#fail("no-track", "");
    if (typeof MediaStreamTrackProcessor === "undefined") return this.#fail("encoder-missing", "MediaStreamTrackProcessor");

    const audioSettings = audio?.getSettings() ?? {};
    const audioChoice = audio && (await chooseAudio(audioSettings.sampleRate ?? 48_000, Math.min(audioSettings.channelCount ?? 1, 2)));
    const choices = video ? await choose(video.getSettings(), wanted) : [];
    if (video ? choices.length === 0 : !audioChoice) return this.#fail("encoder-missing", "H.264");
    if (this.#stopped) return;

    const soundBitsPerS = audioChoice ? audioBitsPerS : 0;
    const rates = video ? choices.map(({ bitsPerS }) => bitsPerS) : [0];
    // The best is chosen first, and has the highest id.
    this.#rungs = rates.map((bitsPerS, place) => ({
      id: rates.length - 1 - place,
      bitsPerS: bitsPerS + soundBitsPerS,
      packager: new Packager(module, { partMs, segmentMs, firstSegment: 0 }),
      video: undefined,
      header: undefined,
    }));
    if (audio && audioChoice) this.#encodeAudio(audio, audioChoice, video !== undefined);
    if (video) this.#encodeVideo(video, choices);
  }

  /** What still waits becomes the last parts. */
  flush(): void {
    for (const rung of this.#rungs) this.#publish(rung, rung.packager.flush());
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const cleanup of this.#cleanup) cleanup();
    for (const { packager } of this.#rungs) packager.free();
  }

  get droppedFrames(): number {
    return this.#droppedFrames;
  }
  /** Of all qualities together, in the last 5 s. */
  get encodedBitsPerS(): number {
    const since = performance.now() - 5_000;
    return (this.#bytes.filter(({ atMs }) => atMs > since).reduce((sum, { bytes }) => sum + bytes, 0) * 8) / 5;
  }

  #encodeVideo(track: MediaStreamTrack, choices: VideoChoice[]): void {
    for (const [place, { config }] of choices.entries()) {
      const rung = this.#rungs[place];
      if (!rung) continue;
      let described = false;
      const encoder = new VideoEncoder({
        output: (chunk, metadata) => {
          const description = metadata?.decoderConfig?.description;
          if (!described && description && !this.#stopped) {
            described = rung.packager.setVideo(bytesOf(description));
            this.#begin(rung);
          }
          this.#push(rung, chunk, true);
        },
        error: (error) => this.#fail("encoder-failed", error.message),
      });
      encoder.configure(config);
      this.#cleanup.push(() => encoder.state !== "closed" && encoder.close());
      rung.video = encoder;
    }
    let lastKeyUs = -Infinity;
    void this.#read<VideoFrame>(track, (frame) => {
      const keyFrame = frame.timestamp - lastKeyUs >= segmentMs * 1000 - 10_000;
      if (keyFrame) lastKeyUs = frame.timestamp;
      for (const { video } of this.#rungs) {
        if (video?.state !== "configured") continue;
        // A key frame is in all or in none: segments are alike only then.
        if (!keyFrame && video.encodeQueueSize > encoderQueueMax) this.#droppedFrames += 1;
        else video.encode(frame, { keyFrame });
      }
    });
  }

  #encodeAudio(track: MediaStreamTrack, { config, codec }: AudioChoice, withVideo: boolean): void {
    if (codec === "opus") for (const { packager } of this.#rungs) packager.setOpus(config.numberOfChannels);
    let encoder: AudioEncoder | undefined;
    const make = (data: AudioData): AudioEncoder => {
      const made = new AudioEncoder({
        output: (chunk, metadata) => {
          if (this.#stopped) return;
          const description = metadata?.decoderConfig?.description;
          for (const rung of this.#rungs) {
            if (codec === "aac" && description) rung.packager.setAac(bytesOf(description));
            if (!withVideo) this.#begin(rung);
            this.#push(rung, chunk, false);
          }
        },
        error: (error) => this.#fail("encoder-failed", error.message),
      });
      // What the microphone really delivers may differ from its settings.
      made.configure({ ...config, sampleRate: data.sampleRate, numberOfChannels: data.numberOfChannels });
      if (codec === "opus") for (const { packager } of this.#rungs) packager.setOpus(data.numberOfChannels);
      return made;
    };
    this.#cleanup.push(() => encoder && encoder.state !== "closed" && encoder.close());
    void this.#read<AudioData>(track, (data) => {
      encoder ??= make(data);
      if (encoder.state === "configured") encoder.encode(data);
    });
  }

  async #read<Frame extends VideoFrame | AudioData>(track: MediaStreamTrack, take: (frame: Frame) => void): Promise<void> {
    const processor = new MediaStreamTrackProcessor<Frame>({ track });
    const reader = processor.readable.getReader();
    this.#cleanup.push(() => void reader.cancel().catch(() => {}));
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.#stopped) {
        value?.close();
        return;
      }
      take(value);
      value.close();
    }
  }

  #begin(rung: Rung): void {
    rung.header ??= rung.packager.start();
    if (this.#announced || this.#rungs.some(({ header }) => !header)) return;
    this.#announced = true;
    const renditions = this.#rungs.flatMap(({ id, bitsPerS, header }) => (header ? [{ ...header, id, bitsPerS }] : []));
    this.#events.renditions(renditions.reverse());
    for (const part of this.#early.splice(0)) this.#events.part(part);
  }

  #push(rung: Rung, chunk: EncodedVideoChunk | EncodedAudioChunk, video: boolean): void {
    if (!rung.header || this.#stopped) return;
    // Camera and microphone stamp on one clock of the browser; the stream begins at its first frame. Wall time is of the frame's
    // own instant: encoding has taken its while.
    this.#originUs ??= chunk.timestamp;
    const timeUs = chunk.timestamp - this.#originUs;
    if (timeUs < 0) return;
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    const capturedUs = Date.now() * 1000;
    const durationUs = chunk.duration ?? (video ? 33_333 : 20_000);
    this.#publish(rung, rung.packager.push({ video, key: chunk.type === "key", timeUs, durationUs, capturedUs, data }));
  }

  #publish(rung: Rung, parts: PackagedPart[]): void {
    const nowMs = performance.now();
    for (const packaged of parts) {
      this.#bytes = [...this.#bytes.filter(({ atMs }) => atMs > nowMs - 6_000), { atMs: nowMs, bytes: packaged.bytes.length }];
      const part = { ...packaged, rendition: rung.id };
      if (this.#announced) this.#events.part(part);
      else if (this.#early.push(part) > earlyMax) this.#fail("encoder-failed", "One of the qualities does not start. Choose fewer, then try again.");
    }
  }

  #fail(problem: EncoderProblem, detail: string): void {
    if (!this.#stopped) this.#events.failed(problem, detail);
  }
}

/** For each quality what the browser can do, the best first; a quality that it cannot encode is left out. */
async function choose(settings: MediaTrackSettings, wanted?: readonly Quality[]): Promise<(VideoChoice & { bitsPerS: number })[]> {
  const { width = 1280, height = 720, frameRate = 30 } = settings;
  const even = (size: number) => Math.max(2, size - (size % 2));
  const usable = wanted?.filter((quality) => quality.height <= height) ?? [];
  const qualities = usable.length > 0 ? usable : defaultQualities(height, navigator.hardwareConcurrency);
  const chosen: (VideoChoice & { bitsPerS: number })[] = [];
  for (const quality of [...qualities].sort((a, b) => b.height - a.height)) {
    const scaledWidth = even(Math.round((width * quality.height) / height));
    const choice = await chooseVideo(scaledWidth, even(quality.height), Math.round(frameRate), quality.videoBitsPerS);
    if (choice) chosen.push({ ...choice, bitsPerS: quality.videoBitsPerS });
  }
  return chosen;
}

function bytesOf(source: AllowSharedBufferSource): Uint8Array {
  return ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
}
