import Hls from "hls.js/light";
import type { PlayablePart, PlaybackCommand, PlayheadState, RenditionInfo } from "../engine/engine";
import type { Module } from "../engine/module";
import { loaderFor, playlistUrl } from "./loader";
import { PartStore } from "./partStore";

export type PlaybackProblem = "codec-unsupported" | "media-error";

export interface PlaybackEvents {
  firstFrame?(): void;
  /** Where it is, about ten times a second: the engine keeps the distance to live. */
  playhead?(state: PlayheadState): void;
  problem?(problem: PlaybackProblem, detail: string): void;
}

export interface PlaybackStats {
  /** Seconds between the capture of the picture shown and now by the source's clock; undefined before the first picture. */
  behindLiveS: number | undefined;
  bufferS: number;
  stalls: number;
  droppedFrames: number;
}

/** The newest stretch of what is in the buffer. */
interface Buffered {
  startS: number;
  endS: number;
}

/** What hls.js keeps before the engine takes over: two parts of 200 ms. */
const liveSyncS = 0.45;
const lookEveryMs = 50;
const looksPerPlayhead = 2;
const stalledAfterMs = 100;
/** A picture that stands although so much has come since does not go on by itself. */
const stuckAfterMs = 4_000;
const stuckAfterParts = 15;

/** Plays what the engine hands over in a video element, through hls.js. */
export class Playback {
  readonly #store: PartStore;
  readonly #video: HTMLVideoElement;
  readonly #events: PlaybackEvents;
  #hls: Hls | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #stalls = 0;
  #shown = false;
  #lastTimeS = 0;
  #lastMoveMs = 0;
  #stalled = false;
  #looks = 0;
  #partsSinceMove = 0;
  #stuckAfterMs = stuckAfterMs;

  constructor(module: Module, video: HTMLVideoElement, events: PlaybackEvents = {}) {
    this.#store = new PartStore(module);
    this.#video = video;
    this.#events = events;
    // Attached before anything is known of the stream: opening a MediaSource takes as long as finding peers.
    if (Hls.isSupported()) this.#hls = this.#start();
  }

  rendition(rendition: RenditionInfo): void {
    const type = `video/mp4; codecs="${rendition.codecs}"`;
    if (!this.#hls || !MediaSourceOf()?.isTypeSupported(type)) this.#giveUp("codec-unsupported", rendition.codecs);
    else if (!this.#store.setHeader(rendition)) this.#giveUp("media-error", "the stream's header cannot be read");
  }

  /** The parts still come, for others; hls.js would try them again and again. */
  #giveUp(problem: PlaybackProblem, detail: string): void {
    clearInterval(this.#timer);
    this.#hls?.destroy();
    this.#hls = undefined;
    this.#events.problem?.(problem, detail);
  }

  part(part: PlayablePart): void {
    this.#partsSinceMove += 1;
    if (this.#store.add(part)) this.#beginAnew();
  }

  ended(): void {
    this.#store.end();
  }

  /** `sourceNowMs` is the source's clock now, as the engine knows it. */
  stats(sourceNowMs: number): PlaybackStats {
    const captured = this.#capturedMs();
    return {
      behindLiveS: captured === undefined || sourceNowMs === 0 ? undefined : Math.max(0, (sourceNowMs - captured) / 1000),
      bufferS: this.#newestBuffered().endS - this.#video.currentTime,
      stalls: this.#stalls,
      droppedFrames: this.#video.getVideoPlaybackQuality().droppedVideoFrames,
    };
  }

  /** What the engine wants. A jump never ends before the newest stretch: nothing comes to fill the hole there. */
  control({ rate, jumpToBufferS }: PlaybackCommand): void {
    const { startS, endS } = this.#newestBuffered();
    if (jumpToBufferS !== undefined && endS > 0) this.#video.currentTime = Math.max(startS, endS - jumpToBufferS);
    this.#video.playbackRate = rate;
  }

  /** The playhead on the stream's own axis; undefined while it is not known where the picture belongs. */
  #playhead(): PlayheadState | undefined {
    if (!this.#shown) return { mediaTimeS: 0, bufferS: 0, playing: false, stalled: false };
    const captured = this.#capturedMs();
    const mediaTimeS = captured === undefined ? undefined : this.#store.mediaTimeS(captured);
    if (mediaTimeS === undefined) return undefined;
    const bufferS = Math.max(0, this.#newestBuffered().endS - this.#video.currentTime);
    return { mediaTimeS, bufferS, playing: !this.#video.paused, stalled: this.#stalled };
  }

  /** When the picture shown was captured, by the source's clock: the element's own time begins anew in every player. */
  #capturedMs(): number | undefined {
    return this.#shown ? this.#hls?.playingDate?.getTime() : undefined;
  }

  destroy(): void {
    clearInterval(this.#timer);
    this.#hls?.destroy();
    this.#store.free();
  }

  #start(): Hls {
    const hls = new Hls({
      loader: loaderFor(this.#store),
      lowLatencyMode: true,
      // The first part that the playlist lists, which starts with a key frame; the engine then closes up to the newest one.
      startPosition: 0,
      enableWorker: false, // parts need no transmuxing; a worker only adds a hop
      liveSyncDuration: liveSyncS,
      liveMaxLatencyDuration: 30,
      maxLiveSyncPlaybackRate: 1, // the engine sees to it
      backBufferLength: 10,
      maxBufferHole: 0.3,
      nudgeOnVideoHole: true,
    });
    hls.on(Hls.Events.ERROR, (_event, data) => {
      if (!data.fatal) return;
      if (data.type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
      else if (data.type === Hls.ErrorTypes.NETWORK_ERROR) hls.startLoad();
      else this.#events.problem?.("media-error", data.details);
    });
    hls.loadSource(playlistUrl);
    hls.attachMedia(this.#video);
    this.#video.requestVideoFrameCallback(() => {
      this.#shown = true;
      this.#lastMoveMs = performance.now();
      this.#events.firstFrame?.();
    });
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
    return hls;
  }

  /** After a jump of the stream hls.js would wait until its own time has come as far as the playhead. */
  #beginAnew(): void {
    const plays = !this.#video.paused;
    this.#partsSinceMove = 0;
    this.#lastMoveMs = performance.now();
    this.#hls?.loadSource(playlistUrl);
    if (plays) void this.#video.play().catch(() => {});
  }

  #newestBuffered(): Buffered {
    const { buffered } = this.#video;
    const last = buffered.length - 1;
    return last < 0 ? { startS: 0, endS: 0 } : { startS: buffered.start(last), endS: buffered.end(last) };
  }

  /** Twenty times a second: counts stalls, crosses what cannot be filled, tells where it is. */
  #look(): void {
    const video = this.#video;
    const nowMs = performance.now();
    if (!this.#shown || video.paused) {
      this.#lastMoveMs = nowMs;
      this.#stalled = false;
    } else {
      if (!video.seeking) this.#watchForStalls(nowMs);
      if (nowMs - this.#lastMoveMs > this.#stuckAfterMs && this.#partsSinceMove >= stuckAfterParts) {
        this.#stuckAfterMs *= 2; // on a slow machine a new beginning takes its time
        this.#beginAnew();
      }
    }
    if (++this.#looks % looksPerPlayhead !== 0 || video.seeking) return;
    const playhead = this.#playhead();
    if (playhead) this.#events.playhead?.(playhead);
  }

  #watchForStalls(nowMs: number): void {
    const video = this.#video;
    if (video.currentTime !== this.#lastTimeS) {
      this.#lastTimeS = video.currentTime;
      this.#lastMoveMs = nowMs;
      this.#partsSinceMove = 0;
      this.#stuckAfterMs = stuckAfterMs;
      this.#stalled = false;
      return;
    }
    if (nowMs - this.#lastMoveMs < stalledAfterMs || this.#stalled) return;
    this.#stalled = true;
    this.#stalls += 1;
  }
}

function MediaSourceOf(): typeof MediaSource | undefined {
  const scope = globalThis as { ManagedMediaSource?: typeof MediaSource; MediaSource?: typeof MediaSource };
  return scope.ManagedMediaSource ?? scope.MediaSource;
}
