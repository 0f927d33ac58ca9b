import { fromHex, toHex, type EngineStats } from "../engine/engine";
import { loadModule, type Module } from "../engine/module";
import { cryptoAvailable, importPublicKey, randomHex } from "../peer/crypto";
import { logDecision, Peer } from "../peer/peer";
import type { Hello, MeshSample, RequestOf, StreamCategory } from "../signaling/messages";
import { Signaling, SignalingError } from "../signaling/signaling";
import { chooseAudio, chooseVideo } from "./encoders";
import { Packager, type PackagedPart } from "./packager";

export type BroadcastState = "starting" | "live" | "ended" | "failed";
export type BroadcastProblem =
  | "insecure-context"
  | "encoder-missing"
  | "no-track"
  | "server-unreachable"
  | "replaced"
  | "refused"
  | "encoder-failed";

export interface BroadcastSnapshot {
  state: BroadcastState;
  problem?: { code: BroadcastProblem; detail: string };
  serverAway: boolean;
  streamId?: string;
  liveSinceMs?: number;
}

export interface BroadcastStats extends EngineStats {
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
  videoBitsPerS?: number;
  connectionsMax?: number;
  uploadBitsPerS?: number;
}

const partMs = 200;
const segmentMs = 2_000;
/** Frames that may wait in the encoder; further ones are dropped, since late frames help nobody. */
const encoderQueueMax = 4;
const unreachableAfterMs = 8_000;

/** Publishes camera and microphone as a live stream, from construction until end(). */
export class BroadcastSession {
  readonly #options: BroadcastOptions;
  readonly #secret = randomHex(32);
  readonly #listeners = new Set<() => void>();
  readonly #cleanup: (() => void)[] = [];
  #details: BroadcastDetails;
  #snapshot: BroadcastSnapshot = { state: "starting", serverAway: false };
  #peer: Peer | undefined;
  #packager: Packager | undefined;
  #started = false;
  #finished = false;
  #originUs: number | undefined;
  #droppedFrames = 0;
  #bytes: { atMs: number; bytes: number }[] = [];
  #bitsPerS = 0;

  constructor(options: BroadcastOptions) {
    this.#options = options;
    const { title, category, tags, language } = options;
    this.#details = { title, ...(category && { category }), ...(tags && { tags }), ...(language && { language }) };
    this.#run().catch((error: unknown) => this.#fail("encoder-failed", error instanceof Error ? error.message : String(error)));
  }

  onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  current = (): BroadcastSnapshot => this.#snapshot;

  stats(): BroadcastStats | undefined {
    if (!this.#peer || this.#finished) return undefined;
    const since = performance.now() - 5_000;
    const recent = this.#bytes.filter(({ atMs }) => atMs > since);
    return {
      ...this.#peer.stats(),
      droppedFrames: this.#droppedFrames,
      encodedBitsPerS: (recent.reduce((sum, { bytes }) => sum + bytes, 0) * 8) / 5,
    };
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
    for (const part of this.#packager?.flush() ?? []) this.#publish(part);
    this.#options.signaling.tell("stream:end", {});
    this.#finish();
    this.#set({ state: "ended" });
  }

  async #run(): Promise<void> {
    const { signaling, media, videoBitsPerS = 2_500_000 } = this.#options;
    if (!cryptoAvailable()) return this.#fail("insecure-context", location.origin);
    const [video] = media.getVideoTracks();
    const [audio] = media.getAudioTracks();
    if (!video && !audio) return this.#fail("no-track", "");

    const settings = video?.getSettings() ?? {};
    const { width = 1280, height = 720, frameRate = 30 } = settings;
    const even = (size: number) => size - (size % 2);
    const videoChoice = video && (await chooseVideo(even(width), even(height), Math.round(frameRate), videoBitsPerS));
    const audioSettings = audio?.getSettings() ?? {};
    const audioChoice = audio && (await chooseAudio(audioSettings.sampleRate ?? 48_000, Math.min(audioSettings.channelCount ?? 1, 2)));
    if ((video && !videoChoice) || (!video && !audioChoice)) return this.#fail("encoder-missing", "H.264");
    if (typeof MediaStreamTrackProcessor === "undefined") return this.#fail("encoder-missing", "MediaStreamTrackProcessor");

    const module = await loadModule();
    const keys = (await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"])) as CryptoKeyPair;
    const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey));
    this.#bitsPerS = (videoChoice ? videoBitsPerS : 0) + (audioChoice ? 96_000 : 0);

    const unreachable = setTimeout(() => {
      if (!signaling.connected) this.#fail("server-unreachable", "");
    }, unreachableAfterMs);
    this.#cleanup.push(
      () => clearTimeout(unreachable),
      signaling.onAway(() => this.#set({ serverAway: true })),
      signaling.onConnected((hello) => void this.#create(module, keys, publicKey, hello)),
      signaling.on("stream:replaced", () => this.#fail("replaced", "")),
    );
    this.#packager = new Packager(module, { partMs, segmentMs, firstSegment: 0 });
    if (audioChoice?.codec === "opus") this.#packager.setOpus(audioChoice.config.numberOfChannels);
    if (audio && audioChoice) this.#encodeAudio(audio, audioChoice.config, audioChoice.codec, videoChoice !== undefined);
    if (video && videoChoice) this.#encodeVideo(video, videoChoice.config);
  }

  async #create(module: Module, keys: CryptoKeyPair, publicKey: Uint8Array<ArrayBuffer>, hello: Hello): Promise<void> {
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
        this.#peer = new Peer(
          module,
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
          { decision: logDecision },
        );
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

  #encodeVideo(track: MediaStreamTrack, config: VideoEncoderConfig): void {
    let described = false;
    let lastKeyUs = -Infinity;
    const encoder = new VideoEncoder({
      output: (chunk, metadata) => {
        const description = metadata?.decoderConfig?.description;
        if (!described && description) {
          described = this.#packager?.setVideo(bytesOf(description)) ?? false;
          this.#tryStart();
        }
        this.#push(chunk, true);
      },
      error: (error) => this.#fail("encoder-failed", error.message),
    });
    encoder.configure(config);
    this.#cleanup.push(() => encoder.state !== "closed" && encoder.close());
    void this.#read<VideoFrame>(track, (frame) => {
      if (encoder.state !== "configured") return;
      if (encoder.encodeQueueSize > encoderQueueMax) {
        this.#droppedFrames += 1;
        return;
      }
      const keyFrame = frame.timestamp - lastKeyUs >= segmentMs * 1000 - 10_000;
      if (keyFrame) lastKeyUs = frame.timestamp;
      encoder.encode(frame, { keyFrame });
    });
  }

  #encodeAudio(track: MediaStreamTrack, config: AudioEncoderConfig, codec: "opus" | "aac", withVideo: boolean): void {
    let encoder: AudioEncoder | undefined;
    const make = (data: AudioData): AudioEncoder => {
      const made = new AudioEncoder({
        output: (chunk, metadata) => {
          const description = metadata?.decoderConfig?.description;
          if (codec === "aac" && description) this.#packager?.setAac(bytesOf(description));
          if (!withVideo) this.#tryStart();
          this.#push(chunk, false);
        },
        error: (error) => this.#fail("encoder-failed", error.message),
      });
      // What the microphone really delivers may differ from its settings.
      made.configure({ ...config, sampleRate: data.sampleRate, numberOfChannels: data.numberOfChannels });
      if (codec === "opus") this.#packager?.setOpus(data.numberOfChannels);
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
      if (done || this.#finished) {
        value?.close();
        return;
      }
      take(value);
      value.close();
    }
  }

  #tryStart(): void {
    if (this.#started || !this.#packager) return;
    this.#started = true;
    this.#header = this.#packager.start();
    this.#announce();
  }
  #header: { init: Uint8Array<ArrayBuffer>; codecs: string; width: number; height: number } | undefined;

  /** The rendition, once both the header and the stream exist. */
  #announce(): void {
    const header = this.#header;
    if (header) this.#peer?.tell((engine) => engine.renditionProduced({ ...header, bitsPerS: this.#bitsPerS }));
  }

  #push(chunk: EncodedVideoChunk | EncodedAudioChunk, video: boolean): void {
    if (!this.#started || !this.#packager || this.#finished) return;
    // Camera and microphone stamp on one clock of the browser; the stream begins at its first frame. Wall time is of the frame's
    // own instant: encoding has taken its while.
    this.#originUs ??= chunk.timestamp;
    const timeUs = chunk.timestamp - this.#originUs;
    if (timeUs < 0) return;
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    const capturedUs = Date.now() * 1000;
    const durationUs = chunk.duration ?? (video ? 33_333 : 20_000);
    for (const part of this.#packager.push({ video, key: chunk.type === "key", timeUs, durationUs, capturedUs, data })) this.#publish(part);
  }

  #publish(part: PackagedPart): void {
    const nowMs = performance.now();
    this.#bytes = [...this.#bytes.filter(({ atMs }) => atMs > nowMs - 6_000), { atMs: nowMs, bytes: part.bytes.length }];
    this.#peer?.tell((engine) => engine.partProduced(part));
  }

  #fail(code: BroadcastProblem, detail: string): void {
    if (this.#finished) return;
    this.#finish();
    this.#set({ state: "failed", problem: { code, detail } });
  }

  #finish(): void {
    this.#finished = true;
    for (const cleanup of this.#cleanup) cleanup();
    this.#peer?.stop();
    this.#packager?.free();
  }

  #set(change: Partial<BroadcastSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function bytesOf(source: AllowSharedBufferSource): Uint8Array {
  return ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
}
