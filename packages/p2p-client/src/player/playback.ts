import Hls from "hls.js/light";
import type { PlayablePart, RenditionInfo } from "../engine/engine";
import type { Module } from "../engine/module";
import { loaderFor, playlistUrl } from "./loader";
import { PartStore } from "./partStore";
import { decideRate, type Buffered } from "./rateController";

export type PlaybackProblem = "codec-unsupported" | "media-error";

export interface PlaybackEvents {
  firstFrame?(): void;
  problem?(problem: PlaybackProblem, detail: string): void;
}

export interface PlaybackStats {
  /** Seconds between the capture of the picture shown and now by the source's clock; undefined before the first picture. */
  behindLiveS: number | undefined;
  bufferS: number;
  stalls: number;
  droppedFrames: number;
}

/** How far behind the newest part the picture is kept: two parts of 200 ms and the jitter of their arrival. */
const lowLatencyBufferS = 0.45;
const bufferMaxS = 2.5;
const controlEveryMs = 50;
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
  #bufferTargetS = lowLatencyBufferS;
  #stalls = 0;
  #shown = false;
  #lastTimeS = 0;
  #lastMoveMs = 0;
  #stalled = false;
  #calmSinceMs = 0;
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

  /** The playhead on the stream's own axis, in seconds; undefined before the first picture. */
  mediaTimeS(): number | undefined {
    const captured = this.#capturedMs();
    return captured === undefined ? undefined : this.#store.mediaTimeS(captured);
  }

  /** When the picture shown was captured, by the source's clock: the element's own time begins anew in every player. */
  #capturedMs(): number | undefined {
    return this.#shown ? this.#hls?.playingDate?.getTime() : undefined;
  }

  toLive(): void {
    const { startS, endS } = this.#newestBuffered();
    if (endS > 0) this.#video.currentTime = Math.max(startS, endS - this.#bufferTargetS);
    void this.#video.play().catch(() => {});
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
      // The first part that the playlist lists, which starts with a key frame; #control then closes up to the newest one.
      startPosition: 0,
      enableWorker: false, // parts need no transmuxing; a worker only adds a hop
      liveSyncDuration: lowLatencyBufferS,
      liveMaxLatencyDuration: 30,
      maxLiveSyncPlaybackRate: 1, // decideRate sees to it
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
      this.#lastMoveMs = this.#calmSinceMs = performance.now();
      this.#events.firstFrame?.();
    });
    this.#timer = setInterval(() => this.#control(), controlEveryMs);
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

  /** Twenty times a second: keeps the distance, counts stalls, crosses what cannot be filled. */
  #control(): void {
    const video = this.#video;
    if (!this.#shown || video.paused) {
      this.#lastMoveMs = performance.now();
      return;
    }
    const nowMs = performance.now();
    if (!video.seeking) this.#watchForStalls(nowMs);
    if (nowMs - this.#lastMoveMs > this.#stuckAfterMs && this.#partsSinceMove >= stuckAfterParts) {
      this.#stuckAfterMs *= 2; // on a slow machine a new beginning takes its time
      this.#beginAnew();
    }
    if (video.seeking) return;
    const decision = decideRate(video.currentTime, this.#newestBuffered(), { bufferS: this.#bufferTargetS });
    if ("jumpToS" in decision) {
      video.currentTime = decision.jumpToS;
      video.playbackRate = 1;
    } else if (video.playbackRate !== decision.rate) {
      video.playbackRate = decision.rate;
    }
  }

  #watchForStalls(nowMs: number): void {
    const video = this.#video;
    if (video.currentTime !== this.#lastTimeS) {
      this.#lastTimeS = video.currentTime;
      this.#lastMoveMs = nowMs;
      this.#partsSinceMove = 0;
      this.#stuckAfterMs = stuckAfterMs;
      this.#stalled = false;
      // Quiet for 20 s: a little nearer to live again.
      if (nowMs - this.#calmSinceMs > 20_000 && this.#bufferTargetS > lowLatencyBufferS) {
        this.#bufferTargetS = Math.max(lowLatencyBufferS, this.#bufferTargetS - 0.1);
        this.#calmSinceMs = nowMs;
      }
      return;
    }
    if (nowMs - this.#lastMoveMs < stalledAfterMs || this.#stalled) return;
    // Each stall says that the distance was too small for this path.
    this.#stalled = true;
    this.#stalls += 1;
    this.#bufferTargetS = Math.min(bufferMaxS, this.#bufferTargetS + 0.25);
    this.#calmSinceMs = nowMs;
  }
}

function MediaSourceOf(): typeof MediaSource | undefined {
  const scope = globalThis as { ManagedMediaSource?: typeof MediaSource; MediaSource?: typeof MediaSource };
  return scope.ManagedMediaSource ?? scope.MediaSource;
}
