import { Chat } from "../chat/chat";
import { fromHex, toHex, type EngineStats, type RenditionInfo } from "../engine/engine";
import { loadModule } from "../engine/module";
import { cryptoAvailable, importPublicKey, randomHex } from "../peer/crypto";
import type { LinkStats } from "../links/linkStats";
import { linkStatsOf } from "../peer/linkStatsOf";
import type { MeshPeer } from "../peer/meshPeer";
import { logDecision } from "../peer/logDecision";
import { preparePeer, type PreparedPeer } from "../peer/startPeer";
import type { Hello, MeshSample, RequestOf, StreamCategory } from "../signaling/messages";
import { Signaling, SignalingError } from "../signaling/signaling";
import { Audience } from "./audience";
import type { Quality } from "./encoders";
import type { BroadcastInputs } from "./inputs";
import type { EncoderProblem } from "./mediaEncoder";
import { QualityGovernor, type PauseReason } from "./qualityGovernor";
import { broadcastMemory, type SavedBroadcast, type SavedProgress } from "./savedBroadcast";
import { UplinkWatch } from "./uplinkWatch";
import { settingsFor, Studio, type StudioSettings } from "./studio";

export type BroadcastState = "starting" | "live" | "ended" | "failed";
export type BroadcastProblem = EncoderProblem | "insecure-context" | "server-unreachable" | "replaced" | "refused";

/** A quality that was left out, or that is sent again. */
export interface QualityChange {
  kind: "pause" | "resume";
  height: number;
  why: PauseReason;
  /** What the line carried. */
  uploadBitsPerS: number;
}

export interface BroadcastSnapshot {
  state: BroadcastState;
  problem?: { code: BroadcastProblem; detail: string };
  serverAway: boolean;
  streamId?: string;
  liveSinceMs?: number;
  details: BroadcastDetails;
  /** The last one. */
  qualityChange?: QualityChange;
  /** The machine stood still for so long, a moment ago. */
  sleptMs?: number;
}

export interface BroadcastStats extends EngineStats {
  /** Of all qualities together. */
  droppedFrames: number;
  encodedBitsPerS: number;
  /** As the server counts them; undefined until it has said so. */
  viewers: number | undefined;
  viewersPeak: number;
  /** To all viewers together, as far as they say: an estimate. */
  deliveredBytes: number;
  /** The line takes less than is sent: seen in the last second. */
  lineFull: boolean;
  /** The heights of the qualities that are left out at the moment. */
  pausedHeights: number[];
}

/** What viewers see of a stream in the list. */
export interface BroadcastDetails {
  /** 1 to 120 characters. */
  title: string;
  /** `other` if absent. */
  category?: StreamCategory;
  /** At most 8, of 1 to 24 characters each; the server makes small letters of them. */
  tags?: string[];
  /** ISO 639: `en`; none if empty or absent. */
  language?: string;
  /** False: only who has the link finds it. */
  listed?: boolean;
}

export interface BroadcastOptions extends BroadcastDetails {
  signaling: Signaling;
  inputs: BroadcastInputs;
  /** Those that the picture has room for; as the machine bears if left out. */
  qualities?: readonly Quality[];
  connectionsMax?: number;
  uploadBitsPerS?: number;
  /** A stream that another page of this browser has left (`broadcastMemory.find()`): it goes on, under its name and where it stood. */
  resume?: SavedBroadcast & { progress: SavedProgress };
}

const unreachableAfterMs = 8_000;
/** docs/mesh-protocol.md. */
const pieceBytesMax = 12_252;
const everySecondMs = 1_000;
const thumbnailFirstS = 3;
const thumbnailEveryS = 30;
const thumbnailWidth = 320;
/** docs/signaling.md, "Limits". */
const thumbnailBytesMax = 24 * 1024;

/** Publishes camera, screen and microphone as a live stream, from construction until end(). */
export class BroadcastSession {
  readonly #options: BroadcastOptions;
  readonly #secret: string;
  readonly #settings: StudioSettings;
  readonly #listeners = new Set<() => void>();
  readonly #cleanup: (() => void)[] = [];
  /** What viewers say, and the streamer, who may also moderate. */
  readonly chat: Chat;
  readonly #studio: Studio;
  readonly #governor = new QualityGovernor();
  readonly #uplink = new UplinkWatch();
  readonly #audience: Audience;
  #details: BroadcastDetails;
  #snapshot: BroadcastSnapshot;
  #peer: MeshPeer | undefined;
  #keys: CryptoKeyPair | undefined;
  #publicKey: Uint8Array<ArrayBuffer> = new Uint8Array();
  #hello: Hello | undefined;
  #renditions: RenditionInfo[] = [];
  /** By rendition: behind what was produced. Counted here, since the page may go before a worker is asked. */
  readonly #nextPieces: number[];
  #lineFull = false;
  #seconds = 0;
  #finished = false;

  constructor(options: BroadcastOptions) {
    this.#options = options;
    const { title, category, tags, language, listed, resume, inputs, qualities } = options;
    this.#details = {
      title,
      ...(category && { category }),
      ...(tags && { tags }),
      ...(language && { language }),
      ...(listed !== undefined && { listed }),
    };
    this.#snapshot = { state: "starting", serverAway: false, details: this.#details };
    this.#secret = resume?.peerSecret ?? randomHex(32);
    this.chat = new Chat({ streamer: true, name: title });
    this.#nextPieces = [...(resume?.progress.pieces ?? [])];
    this.#settings = resume?.settings ?? settingsFor(inputs, qualities);
    this.#audience = new Audience(options.signaling);
    this.#studio = new Studio(this.#settings, {
      renditions: (renditions) => {
        this.#renditions = renditions;
        this.#announce();
      },
      part: (part) => {
        if (!this.#peer) return;
        this.#nextPieces[part.rendition] = (this.#nextPieces[part.rendition] ?? 0) + Math.ceil(part.bytes.length / pieceBytesMax);
        this.#peer.do("partProduced", part);
      },
      failed: (problem, detail) => this.#fail(problem, detail),
      stoodStill: (sleptMs) => this.#set({ sleptMs }),
    });
    this.#studio.show(inputs);
    this.#run().catch((error: unknown) => this.#fail("encoder-failed", error instanceof Error ? error.message : String(error)));
  }

  onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  current = (): BroadcastSnapshot => this.#snapshot;

  stats(): BroadcastStats | undefined {
    if (!this.#peer || this.#finished) return undefined;
    const { droppedFrames, encodedBitsPerS, paused } = this.#studio;
    const { viewers, viewersPeak, deliveredBytes } = this.#audience;
    const engine = this.#peer.stats();
    const lineFull = this.#lineFull;
    return engine && { ...engine, droppedFrames, encodedBitsPerS, viewers, viewersPeak, deliveredBytes, lineFull, pausedHeights: paused };
  }

  /** Other sources from now on. Viewers see the change at once; nothing begins anew. */
  show(inputs: BroadcastInputs): void {
    if (!this.#finished) this.#studio.show(inputs);
  }

  /** What is named changes, the rest stays; also when the server is away, which learns of it when it is back. */
  update(details: Partial<BroadcastDetails>): void {
    this.#details = { ...this.#details, ...details };
    this.#options.signaling.tell("stream:update", details);
    this.#set({ details: this.#details });
    this.#keep();
  }

  /** What the browser says of the connections to the neighbors; for people who look for faults, not every second. */
  linkStats(): Promise<LinkStats[]> {
    return linkStatsOf(this.#peer);
  }

  /** For a map of the mesh, as WatchSession has it. */
  mesh(): Promise<MeshSample | undefined> {
    return this.#audience.sample();
  }

  end(): void {
    if (this.#finished) return;
    this.#studio.flush();
    this.#options.signaling.tell("stream:end", {});
    void broadcastMemory.forget();
    this.#finish();
    this.#set({ state: "ended" });
  }

  /** The page goes away: the stream may be resumed for a minute, by the next page of this browser. */
  leave(): void {
    if (this.#finished) return;
    this.#keepProgress();
    this.#finish();
  }

  async #run(): Promise<void> {
    const { signaling, inputs, resume } = this.#options;
    if (!cryptoAvailable()) return this.#fail("insecure-context", location.origin);
    if (!resume && !inputs.camera && !inputs.screen && !inputs.microphone) return this.#fail("no-track", "");
    const [module, prepared] = await Promise.all([loadModule(), preparePeer()]);
    this.#cleanup.push(() => !this.#peer && prepared.discard());
    this.#keys = resume?.keys ?? ((await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"])) as CryptoKeyPair);
    this.#publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", this.#keys.publicKey));

    const unreachable = setTimeout(() => {
      if (!signaling.connected) this.#fail("server-unreachable", "");
    }, unreachableAfterMs);
    const second = setInterval(() => this.#everySecond(), everySecondMs);
    this.#cleanup.push(
      () => clearTimeout(unreachable),
      () => clearInterval(second),
      broadcastMemory.hold(),
      signaling.onAway(() => this.#set({ serverAway: true })),
      signaling.onConnected((hello) => {
        this.#hello = hello;
        void this.#create(prepared, hello);
      }),
      signaling.on("stream:replaced", () => this.#fail("replaced", "")),
      // The server gave a machine up that slept for longer than its grace: the stream goes on under its name.
      signaling.on("stream:ended", ({ streamId }) => {
        if (streamId === this.#snapshot.streamId && this.#hello && !this.#finished) void this.#create(prepared, this.#hello);
      }),
    );
    await this.#studio.start(module, resume?.progress);
  }

  async #create(prepared: PreparedPeer, hello: Hello): Promise<void> {
    const { signaling, resume, connectionsMax = 20, uploadBitsPerS = 20_000_000 } = this.#options;
    const keys = this.#keys;
    if (!keys) return;
    try {
      const text = new TextEncoder().encode(`p2p-stream create v1 ${hello.nonce}`);
      const signature = toHex(new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, keys.privateKey, text)));
      const publicKey = toHex(this.#publicKey);
      const request: RequestOf<"stream:create"> = { publicKey, signature, ...this.#details, peerSecret: this.#secret };
      const created = await signaling.request("stream:create", request);
      if (this.#finished) return;
      if (!this.#peer) {
        this.#peer = prepared.start(
          signaling,
          {
            streamId: created.streamId,
            source: true,
            giving: true,
            connectionsMax,
            uploadBitsPerS,
            publicKey: await importPublicKey(fromHex(publicKey)),
            privateKey: keys.privateKey,
          },
          { decision: logDecision, chat: (output) => this.chat.take(output) },
        );
        void this.chat.begin(this.#peer);
        this.#announce();
      }
      this.#peer.joined(created.peerId, undefined, [], created);
      const liveSinceMs = this.#snapshot.liveSinceMs ?? resume?.liveSinceMs ?? Date.now();
      this.#set({ state: "live", serverAway: false, streamId: created.streamId, liveSinceMs });
      this.#keep();
    } catch (error) {
      if (this.#finished || !signaling.connected) return; // onConnected runs again
      this.#fail("refused", error instanceof SignalingError ? error.message : String(error));
    }
  }

  /** The renditions, once both their headers and the stream exist. */
  #announce(): void {
    const pieces = this.#options.resume?.progress.pieces ?? [];
    for (const rendition of this.#renditions) {
      this.#peer?.do("renditionProduced", rendition, pieces[rendition.id]);
    }
  }

  #everySecond(): void {
    if (this.#snapshot.state !== "live" || !this.#peer) return;
    this.#audience.tick();
    this.#seconds += 1;
    this.#keepProgress();
    const stats = this.#peer.stats();
    if (stats) this.#govern(stats);
    if (this.#seconds % thumbnailEveryS === thumbnailFirstS) void this.#sendThumbnail();
  }

  #govern({ neighbors, uploadUsedBitsPerS }: EngineStats): void {
    const line = this.#uplink.look(neighbors);
    this.#lineFull = line === "full";
    const load = { ...this.#studio.takeLoad(), line, uploadBitsPerS: uploadUsedBitsPerS };
    const paused = this.#studio.paused.length;
    const verdict = this.#governor.look(load, this.#renditions.length - paused > 1, paused > 0);
    if (!verdict) return;
    const height = verdict.kind === "pause" ? this.#studio.pauseBest() : this.#studio.resumeNext();
    if (height !== undefined) this.#set({ qualityChange: { ...verdict, height } });
  }

  async #sendThumbnail(): Promise<void> {
    const image = await this.#studio.thumbnail(thumbnailWidth, thumbnailBytesMax);
    if (image && !this.#finished) this.#options.signaling.tell("stream:thumbnail", { image });
  }

  /** For a page that is loaded anew by mistake. */
  #keep(): void {
    const { streamId, liveSinceMs } = this.#snapshot;
    if (streamId === undefined || liveSinceMs === undefined || !this.#keys) return;
    void broadcastMemory.keep({
      streamId,
      keys: this.#keys,
      publicKey: this.#publicKey,
      peerSecret: this.#secret,
      details: this.#details,
      settings: this.#settings,
      liveSinceMs,
    });
  }

  #keepProgress(): void {
    const { streamId } = this.#snapshot;
    if (streamId === undefined || !this.#peer) return;
    const { segment, mediaTimeUs } = this.#studio.progress;
    broadcastMemory.keepProgress({ streamId, savedAtMs: Date.now(), segment, mediaTimeUs: Math.round(mediaTimeUs), pieces: [...this.#nextPieces].map((piece) => piece ?? 0) });
  }

  #fail(code: BroadcastProblem, detail: string): void {
    if (this.#finished) return;
    this.#finish();
    this.#set({ state: "failed", problem: { code, detail } });
  }

  #finish(): void {
    this.#finished = true;
    for (const cleanup of this.#cleanup) cleanup();
    this.#audience.stop();
    this.#studio.stop();
    this.#peer?.stop();
  }

  #set(change: Partial<BroadcastSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener();
  }
}
