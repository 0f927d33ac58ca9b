import { Chat } from "./chat/chat";
import type { EngineStats, Latency } from "./engine/engine";
import { fromHex } from "./engine/engine";
import { loadModule, type Module } from "./engine/module";
import type { LinkStats } from "./links/linkStats";
import { warmUp } from "./links/warmUp";
import { cryptoAvailable, importPublicKey, randomHex, streamIdOf } from "./peer/crypto";
import { linkStatsOf } from "./peer/linkStatsOf";
import type { MeshPeer } from "./peer/meshPeer";
import { logDecision } from "./peer/logDecision";
import { preparePeer, type PreparedPeer } from "./peer/startPeer";
import type { Playback, PlaybackStats } from "./player/playback";
import { streamIdSchema, type Consent, type IceAnswer, type LiveStream, type MeshSample } from "./signaling/messages";
import { Signaling, SignalingError } from "./signaling/signaling";
import * as v from "valibot";

export type WatchState =
  | "joining" // no picture yet
  | "playing"
  | "ended"
  | "source-lost"
  | "not-found"
  | "failed"; // see `problem`

export type WatchProblem =
  | "insecure-context"
  | "webrtc-missing"
  | "codec-unsupported"
  | "wrong-key"
  | "relay-missing" // links are to go through TURN alone, and the server names none
  | "media-error"
  | "server-unreachable"
  | "refused";

export interface WatchSnapshot {
  state: WatchState;
  problem?: { code: WatchProblem; detail: string } | undefined;
  /** The server cannot be reached; a stream that plays goes on. */
  serverAway: boolean;
  sourceOnline: boolean;
  stream?: LiveStream;
  /** What the host wants until the viewer has answered whether he shares; undefined before the server was reached. */
  consent?: Consent;
  /** The server names a TURN server, through which the viewer may hide his address. */
  relayAvailable: boolean;
}

/** What a viewer gives, and shows of himself. */
export interface Sharing {
  /** He passes the stream on; else he only receives. */
  giving: boolean;
  /** Bits a second at most; 0: as the line allows. */
  uploadBitsPerSMax: number;
  /** Links go through TURN servers alone: peers see these servers' addresses and not his. */
  relayOnly: boolean;
}

export interface WatchStats extends EngineStats, PlaybackStats {
  firstFrameMs: number | undefined;
  firstFrameSteps: Record<string, number>;
}

export interface WatchOptions {
  signaling: Signaling;
  streamId: string;
  video: HTMLVideoElement;
  /** Gives all that the line allows, over direct links, if absent. As a function: of what the host wants, asked once when that is known. */
  sharing?: Sharing | ((consent: Consent) => Sharing);
  /** What the line is thought to carry upwards, until it shows: 20 Mbit/s if absent. */
  uploadBitsPerS?: number;
  latency?: Latency;
}

const shareAll: Sharing = { giving: true, uploadBitsPerSMax: 0, relayOnly: false };
const unreachableAfterMs = 8_000;
const rejoinAfterMs = 1_000;
const askAgainAfterMs = 5_000;

/** Watches one stream in a video element and relays it to others, until stop(). */
export class WatchSession {
  readonly #options: WatchOptions;
  readonly #listeners = new Set<() => void>();
  readonly #secret = randomHex(32);
  /** When it began, on the page's clock (performance.now()). */
  readonly startedMs = performance.now();
  /** What viewers say to each other. */
  readonly chat = new Chat();
  readonly #steps: Record<string, number> = {};
  readonly #stop: (() => void)[] = [];
  #snapshot: WatchSnapshot = { state: "joining", serverAway: false, sourceOnline: true, relayAvailable: false };
  #sharing: Sharing | undefined;
  #loading: [Promise<PreparedPeer>, Promise<Playback | undefined>] | undefined;
  #self: string | undefined;
  #peer: MeshPeer | undefined;
  #playback: Playback | undefined;
  #firstFrameMs: number | undefined;
  #stopped = false;
  #askAgain: ReturnType<typeof setTimeout> | undefined;
  #latency: Latency;
  #quality: number | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#latency = options.latency ?? "low";
    queueMicrotask(() => void this.#run()); // whoever made it hears of the first change, too
  }

  onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  current = (): WatchSnapshot => this.#snapshot;

  stats(): WatchStats | undefined {
    if (!this.#peer || !this.#playback || this.#stopped) return undefined;
    const engine = this.#peer.stats();
    if (!engine) return undefined;
    return {
      ...engine,
      ...this.#playback.stats(engine.liveEdgeMs),
      firstFrameMs: this.#firstFrameMs,
      firstFrameSteps: this.#steps,
    };
  }

  /** Takes effect at once; who no longer wants to be seen loses his direct links and is linked anew. */
  setSharing(sharing: Sharing): void {
    this.#sharing = sharing;
    if (this.#peer) {
      this.#peer.relayOnly = sharing.relayOnly;
      this.#peer.do("sharing", sharing.giving, sharing.uploadBitsPerSMax);
    } else if (this.#snapshot.problem?.code === "relay-missing" && !sharing.relayOnly && this.#loading) {
      this.#set({ state: "joining", problem: undefined });
      void this.#join(...this.#loading);
    }
  }
  /** As it holds now; undefined before the server was reached. */
  get sharing(): Sharing | undefined {
    return this.#sharing;
  }

  /** Low, unless chosen otherwise: as near to live as stays smooth. Balanced: ten seconds behind, reached unnoticed. */
  setLatency(latency: Latency): void {
    this.#latency = latency;
    this.#peer?.do("chooseLatency", latency);
  }

  /** A rendition of `stats().renditions`; undefined: as the line and the peers allow. */
  setQuality(rendition: number | undefined): void {
    this.#quality = rendition;
    this.#peer?.do("chooseQuality", rendition);
  }
  get quality(): number | undefined {
    return this.#quality;
  }
  get latency(): Latency {
    return this.#latency;
  }

  /** What the browser says of the connections to the neighbors; for people who look for faults, not every second. */
  linkStats(): Promise<LinkStats[]> {
    return linkStatsOf(this.#peer);
  }

  /** For a map of the mesh: an even sample of the peers, at most 150. Ask every five seconds or less often; undefined while there is none to be had. */
  async mesh(): Promise<MeshSample | undefined> {
    try {
      return await this.#options.signaling.request("mesh:sample", {});
    } catch {
      return undefined;
    }
  }

  toLive(): void {
    this.#peer?.do("toLive");
    void this.#options.video.play().catch(() => {});
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const stop of this.#stop) stop();
    clearTimeout(this.#askAgain);
    this.#options.signaling.tell("stream:leave", {});
    this.#peer?.stop();
    this.#playback?.destroy();
  }

  async #run(): Promise<void> {
    const { signaling, streamId } = this.#options;
    if (!v.is(streamIdSchema, streamId)) return this.#set({ state: "not-found" });
    if (!cryptoAvailable()) return this.#fail("insecure-context", location.origin);
    if (typeof RTCPeerConnection === "undefined") return this.#fail("webrtc-missing", "");

    // Only until the first answer: a server that goes away later does not end what plays.
    const unreachable = setTimeout(() => this.#fail("server-unreachable", ""), unreachableAfterMs);
    warmUp();
    const peerLoading = preparePeer();
    peerLoading.then(
      (prepared) => this.#stopped && !this.#peer && prepared.discard(),
      () => {}, // whoever waits for it hears why
    );
    // The player is the larger part of what is loaded and only needed with the first header: peers are asked without it.
    const playbackLoading = Promise.all([loadModule(), import("./player/playback")]).then(([module, player]) =>
      this.#prepare(module, player.Playback),
    );
    this.#loading = [peerLoading, playbackLoading];
    this.#stop.push(
      () => clearTimeout(unreachable),
      signaling.onAway(() => this.#set({ serverAway: true })),
      signaling.onConnected((hello) => {
        clearTimeout(unreachable);
        const { sharing = shareAll } = this.#options;
        this.#sharing ??= typeof sharing === "function" ? sharing(hello.consent) : sharing;
        this.#set({ consent: hello.consent });
        void this.#join(peerLoading, playbackLoading);
      }),
      signaling.on("stream:ended", (ended) => {
        if (ended.streamId !== streamId) return;
        this.#playback?.ended();
        this.#set({ state: ended.reason === "ended" ? "ended" : "source-lost" });
      }),
      signaling.on("stream:source", (source) => {
        if (source.streamId !== streamId) return;
        this.#set({ sourceOnline: source.online });
        // It may have come back as another peer, if its program was started anew.
        if (source.online && source.sourcePeerId && this.#self) this.#peer?.joined(this.#self, source.sourcePeerId, []);
      }),
    );
  }

  /** What need not wait for the server's answer. */
  #prepare(module: Module, Player: typeof Playback): Playback | undefined {
    if (this.#stopped) return undefined;
    this.#playback = new Player(module, this.#options.video, {
      firstFrame: () => {
        this.#firstFrameMs = performance.now() - this.startedMs;
        this.#step("first frame");
        this.#set({ state: "playing" });
      },
      playhead: (state) => this.#peer?.do("playhead", state),
      problem: (code, detail) => this.#fail(code, detail),
    });
    return this.#playback;
  }

  async #join(peerLoading: Promise<PreparedPeer>, playbackLoading: Promise<Playback | undefined>): Promise<void> {
    const { signaling, streamId } = this.#options;
    const sharing = this.#sharing ?? shareAll;
    this.#step("connected");
    try {
      const joined = await signaling.request("stream:join", { streamId, peerSecret: this.#secret, giving: sharing.giving });
      this.#step("joined");
      const publicKey = fromHex(joined.publicKey);
      // The link names the key: a server that hands out another is not believed.
      if ((await streamIdOf(publicKey)) !== streamId) return this.#fail("wrong-key", "");
      const prepared = await peerLoading;
      const key = await importPublicKey(publicKey);
      if (this.#stopped) return;
      this.#set({ relayAvailable: namesRelay(joined) });
      if (!this.#peer && this.#sharing?.relayOnly && !this.#snapshot.relayAvailable) {
        signaling.tell("stream:leave", {}); // nobody should name us to others
        this.#set({ stream: joined.stream });
        return this.#fail("relay-missing", "");
      }
      if (!this.#peer) this.#begin(prepared, key, playbackLoading);
      // What the server has nothing to do with stays as it is.
      const { problem } = this.#snapshot;
      const unplayable = problem?.code === "codec-unsupported" || problem?.code === "media-error";
      this.#set({
        ...(!unplayable && { state: this.#firstFrameMs === undefined ? "joining" : "playing", problem: undefined }),
        serverAway: false,
        stream: joined.stream,
        sourceOnline: joined.stream.sourceOnline,
      });
      this.#self = joined.peerId;
      this.#peer?.joined(joined.peerId, joined.sourcePeerId ?? undefined, joined.candidates, joined);
    } catch (error) {
      if (this.#stopped || !signaling.connected) return; // onConnected runs again
      if (!(error instanceof SignalingError)) return this.#fail("refused", String(error));
      if (error.code === "already-a-member") return;
      if (error.code === "no-such-stream") {
        // A restarted server learns of the stream again from its source, so it is asked once more: soon by who was here before, whose
        // picture goes on meanwhile, and now and then by who came with a link.
        const { state } = this.#snapshot;
        if (state === "ended" || state === "source-lost") return;
        if (!this.#peer) this.#set({ state: "not-found" });
        const waitMs = this.#peer ? rejoinAfterMs : askAgainAfterMs;
        clearTimeout(this.#askAgain);
        this.#askAgain = setTimeout(
          () => void (!this.#stopped && signaling.connected && this.#join(peerLoading, playbackLoading)),
          waitMs * (1 + Math.random()),
        );
        return;
      }
      this.#fail("refused", error.message);
    }
  }

  #begin(prepared: PreparedPeer, publicKey: CryptoKey, playbackLoading: Promise<Playback | undefined>): void {
    const { signaling, streamId, uploadBitsPerS = 20_000_000 } = this.#options;
    const { giving, uploadBitsPerSMax, relayOnly } = this.#sharing ?? shareAll;
    this.#peer = prepared.start(
      signaling,
      { streamId, source: false, giving, connectionsMax: 16, uploadBitsPerS, publicKey, relayOnly },
      {
        rendition: (rendition) => {
          this.#step("header");
          void playbackLoading.then((playback) => playback?.rendition(rendition));
        },
        part: (part) => {
          this.#step("first part");
          void playbackLoading.then((playback) => playback?.part(part));
        },
        playback: (command) => this.#playback?.control(command),
        decision: logDecision,
        chat: (output) => this.chat.take(output),
      },
    );
    if (uploadBitsPerSMax > 0) this.#peer.do("sharing", giving, uploadBitsPerSMax);
    void this.chat.begin(this.#peer);
    this.setLatency(this.#latency);
    const leave = () => this.stop();
    addEventListener("pagehide", leave);
    this.#stop.push(() => removeEventListener("pagehide", leave));
  }

  #step(name: string): void {
    this.#steps[name] ??= performance.now() - this.startedMs;
  }

  #fail(code: WatchProblem, detail: string): void {
    this.#set({ state: "failed", problem: { code, detail } });
  }

  #set(change: Partial<WatchSnapshot>): void {
    if (this.#stopped) return;
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function namesRelay({ iceServers }: IceAnswer): boolean {
  return iceServers?.some(({ urls }) => [urls].flat().some((url) => /^turns?:/.test(url))) ?? false;
}
