import { Chat } from "../chat/chat";
import { fromHex, toHex, type EngineStats, type RenditionInfo } from "../engine/engine";
import { loadModule } from "../engine/module";
import { cryptoAvailable, importPublicKey, randomHex } from "../peer/crypto";
import type { MeshPeer } from "../peer/meshPeer";
import { logDecision } from "../peer/peer";
import { preparePeer, type PreparedPeer } from "../peer/startPeer";
import type { Hello, MeshSample, RequestOf, StreamCategory } from "../signaling/messages";
import { Signaling, SignalingError } from "../signaling/signaling";
import type { Quality } from "./encoders";
import { MediaEncoder, type EncoderProblem } from "./mediaEncoder";

export type BroadcastState = "starting" | "live" | "ended" | "failed";
export type BroadcastProblem = EncoderProblem | "insecure-context" | "server-unreachable" | "replaced" | "refused";

export interface BroadcastSnapshot {
  state: BroadcastState;
  problem?: { code: BroadcastProblem; detail: string };
  serverAway: boolean;
  streamId?: string;
  liveSinceMs?: number;
}

export interface BroadcastStats extends EngineStats {
  /** Of all qualities together. */
  droppedFrames: number;
  encodedBitsPerS: number;
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
}

export interface BroadcastOptions extends BroadcastDetails {
  signaling: Signaling;
  media: MediaStream;
  /** Those that the picture has room for; as the machine bears if left out. */
  qualities?: readonly Quality[];
  connectionsMax?: number;
  uploadBitsPerS?: number;
}

const unreachableAfterMs = 8_000;

/** Publishes camera and microphone as a live stream, from construction until end(). */
export class BroadcastSession {
  readonly #options: BroadcastOptions;
  readonly #secret = randomHex(32);
  readonly #listeners = new Set<() => void>();
  readonly #cleanup: (() => void)[] = [];
  /** What viewers say, and the streamer, who may also moderate. */
  readonly chat: Chat;
  #details: BroadcastDetails;
  #snapshot: BroadcastSnapshot = { state: "starting", serverAway: false };
  readonly #encoder: MediaEncoder;
  #peer: MeshPeer | undefined;
  #renditions: RenditionInfo[] = [];
  #finished = false;

  constructor(options: BroadcastOptions) {
    this.#options = options;
    const { title, category, tags, language } = options;
    this.#details = { title, ...(category && { category }), ...(tags && { tags }), ...(language && { language }) };
    this.chat = new Chat({ streamer: true, name: title });
    this.#encoder = new MediaEncoder({
      renditions: (renditions) => {
        this.#renditions = renditions;
        this.#announce();
      },
      part: (part) => this.#peer?.do("partProduced", part),
      failed: (problem, detail) => this.#fail(problem, detail),
    });
    this.#run().catch((error: unknown) => this.#fail("encoder-failed", error instanceof Error ? error.message : String(error)));
  }

  onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  current = (): BroadcastSnapshot => this.#snapshot;

  stats(): BroadcastStats | undefined {
    if (!this.#peer || this.#finished) return undefined;
    const { droppedFrames, encodedBitsPerS } = this.#encoder;
    const engine = this.#peer.stats();
    return engine && { ...engine, droppedFrames, encodedBitsPerS };
  }

  /** What is named changes, the rest stays; also when the server is away, which learns of it when it is back. */
  update(details: Partial<BroadcastDetails>): void {
    this.#details = { ...this.#details, ...details };
    this.#options.signaling.tell("stream:update", details);
  }

  /** For a map of the mesh, as WatchSession has it. */
  async mesh(): Promise<MeshSample | undefined> {
    try {
      return await this.#options.signaling.request("mesh:sample", {});
    } catch {
      return undefined;
    }
  }

  end(): void {
    if (this.#finished) return;
    this.#encoder.flush();
    this.#options.signaling.tell("stream:end", {});
    this.#finish();
    this.#set({ state: "ended" });
  }

  async #run(): Promise<void> {
    const { signaling, media, qualities } = this.#options;
    if (!cryptoAvailable()) return this.#fail("insecure-context", location.origin);
    if (media.getTracks().length === 0) return this.#fail("no-track", "");
    const [module, prepared] = await Promise.all([loadModule(), preparePeer()]);
    this.#cleanup.push(() => !this.#peer && prepared.discard());
    const keys = (await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"])) as CryptoKeyPair;
    const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey));

    const unreachable = setTimeout(() => {
      if (!signaling.connected) this.#fail("server-unreachable", "");
    }, unreachableAfterMs);
    this.#cleanup.push(
      () => clearTimeout(unreachable),
      signaling.onAway(() => this.#set({ serverAway: true })),
      signaling.onConnected((hello) => void this.#create(prepared, keys, publicKey, hello)),
      signaling.on("stream:replaced", () => this.#fail("replaced", "")),
    );
    await this.#encoder.start(module, media, qualities);
  }

  async #create(prepared: PreparedPeer, keys: CryptoKeyPair, publicKey: Uint8Array<ArrayBuffer>, hello: Hello): Promise<void> {
    const { signaling, connectionsMax = 20, uploadBitsPerS = 20_000_000 } = this.#options;
    try {
      const text = new TextEncoder().encode(`p2p-stream create v1 ${hello.nonce}`);
      const signature = toHex(new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, keys.privateKey, text)));
      const request: RequestOf<"stream:create"> = {
        publicKey: toHex(publicKey),
        signature,
        ...this.#details,
        peerSecret: this.#secret,
      };
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
            publicKey: await importPublicKey(fromHex(toHex(publicKey))),
            privateKey: keys.privateKey,
          },
          { decision: logDecision, chat: (output) => this.chat.take(output) },
        );
        void this.chat.begin(this.#peer);
        this.#announce();
      }
      this.#peer.joined(created.peerId, undefined, [], created);
      this.#set({
        state: "live",
        serverAway: false,
        streamId: created.streamId,
        liveSinceMs: this.#snapshot.liveSinceMs ?? Date.now(),
      });
    } catch (error) {
      if (this.#finished || !signaling.connected) return; // onConnected runs again
      this.#fail("refused", error instanceof SignalingError ? error.message : String(error));
    }
  }

  /** The renditions, once both their headers and the stream exist. */
  #announce(): void {
    for (const rendition of this.#renditions) this.#peer?.do("renditionProduced", rendition);
  }

  #fail(code: BroadcastProblem, detail: string): void {
    if (this.#finished) return;
    this.#finish();
    this.#set({ state: "failed", problem: { code, detail } });
  }

  #finish(): void {
    this.#finished = true;
    for (const cleanup of this.#cleanup) cleanup();
    this.#encoder.stop();
    this.#peer?.stop();
  }

  #set(change: Partial<BroadcastSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener();
  }
}
