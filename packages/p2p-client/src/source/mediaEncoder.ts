import type { ProducedPart, RenditionInfo } from "../engine/engine";
import type { Module } from "../engine/module";
import { AudioClock } from "./audioClock";
import { clockUs } from "./compositorMessages";
import { chooseAudio, chooseVideo, defaultQualities, type AudioChoice, type Quality, type VideoChoice } from "./encoders";
import { Rung, type Progress } from "./rung";
import type { Size } from "./scene";

export type EncoderProblem = "encoder-missing" | "no-track" | "encoder-failed";

export interface MediaEncoderEvents {
  /** Once, when the headers of all are known: the least first, with which viewers begin. */
  renditions(renditions: RenditionInfo[]): void;
  part(part: ProducedPart): void;
  failed(problem: EncoderProblem, detail: string): void;
}

export interface MediaEncoderInput {
  /** The stream's picture, however its sources change; undefined: sound alone. */
  picture: Size | undefined;
  framesPerS: number;
  /** It goes on for as long as the stream does. */
  sound: MediaStreamTrack;
  /** As the machine bears if left out. */
  qualities?: readonly Quality[] | undefined;
  /** Where a stream that is resumed was left. */
  resumed?: Progress | undefined;
}

const segmentUs = 2_000_000;
/** Frames that may wait in an encoder; further ones are dropped, since late frames help nobody. */
const encoderQueueMax = 4;
const audioBitsPerS = 96_000;
/** Parts that wait until all qualities have their header: what takes longer than so many (a few seconds) does not come. */
const earlyMax = 64;

/** What the encoders did since the last look. */
export interface EncoderLoad {
  frames: number;
  dropped: number;
}

/** Encodes pictures and sound in one or several qualities, from start() until stop(). All have their key frames together, so that viewers can change. */
export class MediaEncoder {
  readonly #events: MediaEncoderEvents;
  readonly #cleanup: (() => void)[] = [];
  #rungs: Rung[] = [];
  #announced = false;
  #stopped = false;
  #originUs: number | undefined;
  #resumedAtUs = 0;
  #lastKeyUs = -Infinity;
  #segment = -1;
  #droppedFrames = 0;
  #load: EncoderLoad = { frames: 0, dropped: 0 };
  #bytes: { atMs: number; bytes: number }[] = [];
  #early: ProducedPart[] = [];

  constructor(events: MediaEncoderEvents) {
    this.#events = events;
  }

  async start(module: Module, { picture, framesPerS, sound, qualities, resumed }: MediaEncoderInput): Promise<void> {
    if (typeof MediaStreamTrackProcessor === "undefined") return this.#fail("encoder-missing", "MediaStreamTrackProcessor");
    const { sampleRate = 48_000, channelCount = 2 } = sound.getSettings();
    const audioChoice = await chooseAudio(sampleRate, Math.min(channelCount, 2));
    const choices = picture ? await choose(picture, framesPerS, qualities) : [];
    if (picture ? choices.length === 0 : !audioChoice) return this.#fail("encoder-missing", "H.264");
    if (this.#stopped) return;

    this.#segment = (resumed?.segment ?? 0) - 1;
    this.#resumedAtUs = resumed?.mediaTimeUs ?? 0;
    // The best is chosen first, and has the highest id.
    const soundBitsPerS = audioChoice ? audioBitsPerS : 0;
    const rates = picture ? choices.map(({ bitsPerS }) => bitsPerS) : [0];
    this.#rungs = rates.map((bitsPerS, place) => {
      const id = rates.length - 1 - place;
      return new Rung(module, { id, bitsPerS: bitsPerS + soundBitsPerS, height: choices[place]?.config.height ?? 0 }, resumed);
    });
    for (const [place, choice] of choices.entries()) this.#prepareVideo(this.#rungs[place], choice);
    if (audioChoice) this.#encodeAudio(sound, audioChoice, picture !== undefined);
  }

  /** A frame of clockUs(); it is closed here. */
  encode(frame: VideoFrame): void {
    if (this.#stopped || this.#rungs.length === 0) return frame.close();
    const keyFrame = frame.timestamp - this.#lastKeyUs >= segmentUs - 10_000;
    if (keyFrame) this.#beginSegment(frame.timestamp);
    for (const rung of this.#rungs) {
      const { video } = rung;
      if (video?.state !== "configured" || !rung.runs) continue;
      this.#load.frames += 1;
      // A key frame is in all or in none: segments are alike only then.
      if (keyFrame || video.encodeQueueSize <= encoderQueueMax) {
        video.encode(frame, { keyFrame });
      } else {
        this.#droppedFrames += 1;
        this.#load.dropped += 1;
      }
    }
    frame.close();
  }

  /** What still waits becomes the last parts. */
  flush(): void {
    for (const rung of this.#rungs) this.#publish(rung.flush());
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const cleanup of this.#cleanup) cleanup();
    for (const rung of this.#rungs) rung.free();
  }

  /** The best of the qualities that are sent is left out after one more segment, in which viewers go to another; the least never is. */
  pauseBest(): number | undefined {
    const running = this.#rungs.filter(({ leaving }) => !leaving);
    if (running.length < 2) return undefined;
    running[0]?.pauseAfter(this.#segment + 1);
    return running[0]?.height;
  }

  /** The least of those that are paused begins again with the next segment. */
  resumeNext(): number | undefined {
    const rung = this.#rungs.findLast(({ paused }) => paused);
    rung?.wake();
    return rung?.height;
  }

  /** The heights of those that are not sent, or are about to be left out. */
  get paused(): number[] {
    return this.#rungs.filter(({ leaving }) => leaving).map(({ height }) => height);
  }

  /** What a stream that is resumed needs to know. */
  get progress(): Progress {
    return {
      segment: Math.max(this.#segment + 1, ...this.#rungs.map(({ segment }) => segment + 1)),
      mediaTimeUs: Math.max(0, ...this.#rungs.map(({ endUs }) => endUs)),
    };
  }

  /** Since the last call. */
  takeLoad(): EncoderLoad {
    const load = this.#load;
    this.#load = { frames: 0, dropped: 0 };
    return load;
  }

  get droppedFrames(): number {
    return this.#droppedFrames;
  }
  /** Of all qualities together, in the last 5 s. */
  get encodedBitsPerS(): number {
    const since = performance.now() - 5_000;
    return (this.#bytes.filter(({ atMs }) => atMs > since).reduce((sum, { bytes }) => sum + bytes, 0) * 8) / 5;
  }

  #beginSegment(timestampUs: number): void {
    this.#lastKeyUs = timestampUs;
    this.#segment = Math.max(this.#segment, ...this.#rungs.map(({ segment }) => segment)) + 1;
    for (const rung of this.#rungs) void rung.segmentBegins(this.#segment).then((parts) => !this.#stopped && this.#publish(parts));
  }

  #prepareVideo(rung: Rung | undefined, { config }: VideoChoice): void {
    if (!rung) return;
    const encoder = new VideoEncoder({
      output: (chunk, metadata) => {
        if (this.#stopped) return;
        const description = metadata?.decoderConfig?.description;
        if (description && rung.describeVideo(bytesOf(description))) this.#begin(rung);
        this.#push(rung, chunk, chunk.timestamp, 1e6 / (config.framerate ?? 30));
      },
      error: (error) => this.#fail("encoder-failed", error.message),
    });
    encoder.configure(config);
    this.#cleanup.push(() => encoder.state !== "closed" && encoder.close());
    rung.video = encoder;
  }

  #encodeAudio(track: MediaStreamTrack, { config, codec }: AudioChoice, withVideo: boolean): void {
    const clock = new AudioClock();
    let encoder: AudioEncoder | undefined;
    if (codec === "opus") for (const rung of this.#rungs) rung.setOpus(config.numberOfChannels);
    const make = (data: AudioData): AudioEncoder => {
      const made = new AudioEncoder({
        output: (chunk, metadata) => {
          if (this.#stopped) return;
          const description = metadata?.decoderConfig?.description;
          for (const rung of this.#rungs) {
            if (codec === "aac" && description) rung.setAac(bytesOf(description));
            if (!withVideo) this.#begin(rung);
            if (rung.runs) this.#push(rung, chunk, clock.at(chunk.timestamp), 20_000);
          }
        },
        error: (error) => this.#fail("encoder-failed", error.message),
      });
      // What is really delivered may differ from the track's settings.
      made.configure({ ...config, sampleRate: data.sampleRate, numberOfChannels: data.numberOfChannels });
      if (codec === "opus") for (const rung of this.#rungs) rung.setOpus(data.numberOfChannels);
      return made;
    };
    const close = () => encoder && encoder.state !== "closed" && encoder.close();
    this.#cleanup.push(close);
    const take = (data: AudioData) => {
      // After a pause the encoder would count on from where it was.
      if (clock.arrived(data.timestamp + data.duration, clockUs())) {
        close();
        encoder = undefined;
      }
      encoder ??= make(data);
      if (encoder.state === "configured") encoder.encode(data);
    };
    void this.#read(track, take).catch((error: unknown) => this.#fail("encoder-failed", String(error)));
  }

  async #read(track: MediaStreamTrack, take: (data: AudioData) => void): Promise<void> {
    const reader = new MediaStreamTrackProcessor<AudioData>({ track }).readable.getReader();
    this.#cleanup.push(() => void reader.cancel().catch(() => {}));
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.#stopped) return value?.close();
      take(value);
      value.close();
    }
  }

  #begin(rung: Rung): void {
    rung.start();
    if (this.#announced || this.#rungs.some(({ header }) => !header)) return;
    this.#announced = true;
    const renditions = this.#rungs.flatMap(({ id, bitsPerS, header }) => (header ? [{ ...header, id, bitsPerS }] : []));
    this.#events.renditions(renditions.reverse());
    for (const part of this.#early.splice(0)) this.#events.part(part);
  }

  #push(rung: Rung, chunk: EncodedVideoChunk | EncodedAudioChunk, atUs: number, usualUs: number): void {
    // The stream begins at its first frame. What was captured while it was encoded is that much older now.
    this.#originUs ??= atUs;
    const timeUs = Math.round(atUs - this.#originUs);
    if (timeUs < 0 || !rung.header) return;
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    this.#publish(
      rung.push({
        video: chunk instanceof EncodedVideoChunk,
        key: chunk.type === "key",
        timeUs: timeUs + this.#resumedAtUs,
        durationUs: chunk.duration ?? Math.round(usualUs),
        capturedUs: Date.now() * 1000 - Math.max(0, Math.round(clockUs() - atUs)),
        data,
      }),
    );
  }

  #publish(parts: ProducedPart[]): void {
    const nowMs = performance.now();
    for (const part of parts) {
      this.#bytes = [...this.#bytes.filter(({ atMs }) => atMs > nowMs - 6_000), { atMs: nowMs, bytes: part.bytes.length }];
      if (this.#announced) this.#events.part(part);
      else if (this.#early.push(part) > earlyMax) this.#fail("encoder-failed", "One of the qualities does not start. Choose fewer, then try again.");
    }
  }

  #fail(problem: EncoderProblem, detail: string): void {
    if (!this.#stopped) this.#events.failed(problem, detail);
  }
}

/** For each quality what the browser can do, the best first; a quality that it cannot encode is left out. */
async function choose(picture: Size, framesPerS: number, wanted?: readonly Quality[]): Promise<(VideoChoice & { bitsPerS: number })[]> {
  const { width, height } = picture;
  const even = (size: number) => Math.max(2, size - (size % 2));
  const usable = wanted?.filter((quality) => quality.height <= height) ?? [];
  const qualities = usable.length > 0 ? usable : defaultQualities(height, navigator.hardwareConcurrency);
  const chosen: (VideoChoice & { bitsPerS: number })[] = [];
  for (const quality of [...qualities].sort((a, b) => b.height - a.height)) {
    const scaledWidth = even(Math.round((width * quality.height) / height));
    const choice = await chooseVideo(scaledWidth, even(quality.height), Math.round(framesPerS), quality.videoBitsPerS);
    if (choice) chosen.push({ ...choice, bitsPerS: quality.videoBitsPerS });
  }
  return chosen;
}

function bytesOf(source: AllowSharedBufferSource): Uint8Array {
  return ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
}
