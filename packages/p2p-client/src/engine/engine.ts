import type { Module } from "./module";
import type { ChatMessage, ChatRules, ChatSentState } from "../chat/types";
import type { Role } from "../signaling/messages";

/** 16 hex digits, as in docs/signaling.md. */
export type PeerId = string;

export const enum Channel {
  control = 0,
  pieces = 1,
}

export interface Candidate {
  peerId: PeerId;
  score: number;
  role: Role;
  receiving: boolean;
  /** Equal for peers whose addresses are neighbors; 0: not known. */
  network: number;
  /** That it has, of a stream with several. */
  rendition?: number | undefined;
}

/** What a peer gave to all others together, as these told the server. */
export interface Receipt {
  peerId: PeerId;
  bitsPerS: number;
}

export interface RenditionInfo {
  id: number;
  codecs: string;
  width: number;
  height: number;
  bitsPerS: number;
  init: Uint8Array<ArrayBuffer>;
}

/** A quality that the stream has. */
export interface RenditionStats {
  id: number;
  width: number;
  height: number;
  bitsPerS: number;
  /** Here, now. */
  played: boolean;
  /** Of the source: where one that is started anew would go on. */
  nextPiece: number;
}

export interface PlayablePart {
  rendition: number;
  segment: number;
  part: number;
  independent: boolean;
  /** Parts between the one before and this one are lost. */
  discontinuous: boolean;
  mediaTimeUs: number;
  durationUs: number;
  capturedUs: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/** As a source makes it. */
export interface ProducedPart extends Omit<PlayablePart, "discontinuous"> {
  /** Before the rendition pauses, this one among them; 0: it goes on. */
  segmentsLeft: number;
}

export interface PlayheadState {
  /** On the stream's own axis. */
  mediaTimeS: number;
  /** Playable ahead of it. */
  bufferS: number;
  /** It shows pictures, and the viewer has not paused it. */
  playing: boolean;
  /** It stands although it should play. */
  stalled: boolean;
}

/** What a viewer prefers: as near to live as stays smooth, or ten seconds in hand for a bad network. */
export type Latency = "low" | "balanced";

export interface NeighborStats {
  peerId: PeerId;
  role: Role;
  hop: number;
  stripesIn: number;
  stripesOut: number;
  rttMs: number;
  relayed: boolean;
  receivedBytes: number;
  givenBytes: number;
  receivedBytes10s: number;
  givenBytes10s: number;
  /** Times that less left for it than was to: a piece waited for too long, a stripe was taken away since the link is full. */
  heldUp: number;
}

/** mesh::EngineStats: since the start of the engine, payload bytes unless said otherwise. */
export interface EngineStats {
  role: Role;
  /** 0 to 100, as the directory said last. */
  score: number;
  hop: number;
  receivedFromPeersBytes: number;
  receivedFromSourceBytes: number;
  receivedFromEdgeBytes: number;
  givenBytes: number;
  duplicateBytes: number;
  controlSentBytes: number;
  producedBytes: number;
  uploadAllowedBitsPerS: number;
  /** Payload given in the last 5 s. */
  uploadUsedBitsPerS: number;
  piecesVerified: number;
  piecesRepaired: number;
  piecesFailed: number;
  partsPlayed: number;
  partsSkipped: number;
  delayMs: number;
  /** Playable ahead of the player. */
  bufferMs: number;
  /** How far behind live the engine wants the picture; 0: not known yet. */
  targetMs: number;
  /** The source's clock now, as far as it shows in what arrives; 0 before the first piece. */
  liveEdgeMs: number;
  neighbors: NeighborStats[];
  /** Those known so far. */
  renditions: RenditionStats[];
  /** What the engine did and why: the last 16, the newest first. */
  decisions: { agoMs: number; text: string }[];
}

/** How the player should go on: first forward to where `jumpToBufferS` lies ahead, if it says so. */
export interface PlaybackCommand {
  rate: number;
  jumpToBufferS: number | undefined;
}

/**
 * What the engine asks for. Bytes point into the module's memory: they are valid until the next call into it and must be copied
 * (or handed to an API that copies at once) before that.
 */
export type Output =
  | { kind: "dial" | "accept"; peer: PeerId }
  | { kind: "refuse" | "hangUp" | "misbehaved"; peer: PeerId; reason: string }
  | { kind: "send"; peer: PeerId; channel: Channel; header: Uint8Array<ArrayBuffer>; body: Uint8Array<ArrayBuffer> }
  | { kind: "hashPiece"; request: bigint; bytes: Uint8Array<ArrayBuffer> }
  | { kind: "sign"; request: bigint; message: Uint8Array<ArrayBuffer>; asAuthor: boolean }
  | {
      kind: "checkSignature";
      request: bigint;
      message: Uint8Array<ArrayBuffer>;
      signature: Uint8Array<ArrayBuffer>;
      /** Whose, if not the stream's. */
      key: Uint8Array<ArrayBuffer> | undefined;
    }
  | { kind: "playRendition"; rendition: RenditionInfo }
  | { kind: "playPart"; part: PlayablePart }
  | { kind: "findCandidates"; exclude: PeerId[]; rendition?: number }
  | { kind: "sendReport"; report: unknown }
  | { kind: "decision"; text: string }
  | { kind: "sendSignal" | "takeSignal"; peer: PeerId; text: string }
  | { kind: "widen"; peer: PeerId; associations: number }
  | ({ kind: "setPlayback" } & PlaybackCommand)
  | ChatOutput;

/** What happens in the chat (libs/p2p-core/include/p2p-core/output.hpp). */
export type ChatOutput =
  | { kind: "chatShown"; message: ChatMessage; number: number }
  | { kind: "chatHidden"; ids: string[] }
  | { kind: "chatSent"; number: number; state: ChatSentState; waitMs: number }
  | { kind: "chatRules"; rules: ChatRules }
  | { kind: "chatReacted"; reaction: number; own: boolean };

/** What the streamer lays down, by the numbers of mesh::ChatModerate. */
export type ChatWish =
  | { what: "mute" | "unmute"; author: string }
  | { what: "delete"; message: string }
  | { what: "slow"; seconds: number }
  | { what: "pin"; name: string; text: string };

export interface EngineOptions {
  /** 20 hex digits. */
  streamId: string;
  seed: bigint;
  source: boolean;
  giving: boolean;
  connectionsMax: number;
  uploadBitsPerS: number;
  patienceMs: number;
}

const chatWishes = ["mute", "unmute", "delete", "slow", "pin"] as const;
const sentStates: readonly ChatSentState[] = ["said", "echoed", "nobody", "not-yet", "too-fast", "muted", "unfit"];
const signatureBytes = 64;
const roles: readonly Role[] = ["leaf", "relay", "super-seed", "source"];

export const toBigInt = (peer: PeerId): bigint => BigInt(`0x${peer}`);
export const toPeerId = (peer: bigint): PeerId => BigInt.asUintN(64, peer).toString(16).padStart(16, "0");

export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The clock of every engine in this page: microseconds, monotonic. */
export const nowUs = (): number => Math.floor(performance.now() * 1000);

/** One mesh engine (libs/p2p-core/include/p2p-core/engine.hpp says what it does and how a driver treats it). */
export class Engine {
  readonly #module: Module;
  readonly #address: number;
  #last = 0;
  #still = false;

  constructor(module: Module, options: EngineOptions) {
    this.#module = module;
    module.give(fromHex(options.streamId));
    this.#address = module.exports.engine_new(
      this.#now(),
      options.seed,
      Number(options.source),
      Number(options.giving),
      options.connectionsMax,
      options.uploadBitsPerS,
      options.patienceMs * 1000,
    );
  }

  free(): void {
    this.#module.exports.engine_free(this.#address);
  }

  joined(self: PeerId, source: PeerId | undefined, candidates: readonly Candidate[]): void {
    this.#candidates(candidates);
    this.#module.exports.engine_joined(
      this.#address,
      this.#now(),
      toBigInt(self),
      Number(source !== undefined),
      source === undefined ? 0n : toBigInt(source),
    );
  }
  candidatesFound(candidates: readonly Candidate[]): void {
    this.#candidates(candidates);
    this.#module.exports.engine_candidates_found(this.#address, this.#now());
  }
  signalingAway(): void {
    this.#module.exports.engine_signaling_away(this.#address, this.#now());
  }
  offerReceived(peer: PeerId, network: number): void {
    this.#module.exports.engine_offer(this.#address, this.#now(), toBigInt(peer), network);
  }
  receipts(receipts: readonly Receipt[], score: number): void {
    for (const { peerId, bitsPerS } of receipts) this.#module.exports.engine_receipt(this.#address, toBigInt(peerId), bitsPerS);
    this.#module.exports.engine_receipts(this.#address, this.#now(), score);
  }
  linkUp(peer: PeerId, relayed: boolean): void {
    this.#module.exports.engine_link_up(this.#address, this.#now(), toBigInt(peer), Number(relayed));
  }
  linkDown(peer: PeerId): void {
    this.#module.exports.engine_link_down(this.#address, this.#now(), toBigInt(peer));
  }
  linkWidened(peer: PeerId, associations: number): void {
    this.#module.exports.engine_link_widened(this.#address, this.#now(), toBigInt(peer), associations);
  }
  messageReceived(peer: PeerId, channel: Channel, bytes: ArrayBuffer): void {
    this.#module.give(bytes);
    this.#module.exports.engine_message(this.#address, this.#now(), toBigInt(peer), channel);
  }
  backlog(peer: PeerId, bytes: number): void {
    this.#module.exports.engine_backlog(this.#address, this.#now(), toBigInt(peer), bytes);
  }
  hashed(request: bigint, digest: Uint8Array): void {
    this.#module.give(digest);
    this.#module.exports.engine_hashed(this.#address, this.#now(), request);
  }
  signed(request: bigint, signature: Uint8Array): void {
    this.#module.give(signature);
    this.#module.exports.engine_signed(this.#address, this.#now(), request);
  }
  signatureChecked(request: bigint, valid: boolean): void {
    this.#module.exports.engine_signature_checked(this.#address, this.#now(), request, Number(valid));
  }
  /** Where the player is, several times a second and once before the first part; without a player never. */
  playhead({ mediaTimeS, bufferS, playing, stalled }: PlayheadState): void {
    this.#module.exports.engine_playhead(this.#address, this.#now(), mediaTimeS * 1e6, Math.max(0, bufferS) * 1e6, Number(playing), Number(stalled));
  }
  chooseLatency(latency: Latency): void {
    this.#module.exports.engine_latency(this.#address, this.#now(), Number(latency === "balanced"));
  }
  /** A rendition's id; undefined: as the engine sees fit. */
  chooseQuality(rendition: number | undefined): void {
    this.#module.exports.engine_quality(this.#address, this.#now(), rendition ?? -1);
  }
  toLive(): void {
    this.#module.exports.engine_to_live(this.#address, this.#now());
  }
  sharing(giving: boolean, uploadBitsPerSMax: number): void {
    this.#module.exports.engine_sharing(this.#address, this.#now(), Number(giving), uploadBitsPerSMax);
  }
  /** A link that is being made has this for the peer at its other end; the engine answers with `sendSignal` or has a neighbor carry it. */
  signalReady(to: PeerId, text: string): void {
    this.#module.give(new TextEncoder().encode(text));
    this.#module.exports.engine_signal(this.#address, this.#now(), toBigInt(to));
  }
  /** As whom we speak in the chat; without a key, as the streamer. */
  chatAs(key: Uint8Array | undefined, name: string): void {
    this.#module.give(key ?? new Uint8Array(), new TextEncoder().encode(name));
    this.#module.exports.engine_chat_as(this.#address, this.#now(), Number(key !== undefined));
  }
  /** The engine tells how it fares by this number. */
  chatSay(number: number, text: string): void {
    this.#module.give(new TextEncoder().encode(text));
    this.#module.exports.engine_chat_say(this.#address, this.#now(), number);
  }
  chatReact(reaction: number): void {
    this.#module.exports.engine_chat_react(this.#address, this.#now(), reaction);
  }
  chatModerate(wish: ChatWish): void {
    const name = new TextEncoder().encode(wish.what === "pin" ? wish.name : "");
    if (wish.what === "pin") this.#module.give(name, new TextEncoder().encode(wish.text));
    else this.#module.give(fromHex(wish.what === "delete" ? wish.message : wish.what === "slow" ? "" : wish.author));
    const slowS = wish.what === "slow" ? wish.seconds : 0;
    this.#module.exports.engine_chat_moderate(this.#address, this.#now(), chatWishes.indexOf(wish.what), slowS, name.length);
  }
  leave(): void {
    this.#module.exports.engine_leave(this.#address, this.#now());
  }
  wake(): void {
    this.#module.exports.engine_wake(this.#address, this.#now());
  }
  /** Ids are 0 to 7; viewers begin with the one that is named first. `firstPiece`: where a source that was started anew goes on. */
  renditionProduced(rendition: RenditionInfo, firstPiece = 0): void {
    const codecs = new TextEncoder().encode(rendition.codecs);
    this.#module.give(codecs, rendition.init);
    const { id, width, height, bitsPerS } = rendition;
    if (!this.#module.exports.engine_rendition(this.#address, this.#now(), id, codecs.length, width, height, bitsPerS, firstPiece)) {
      throw new RangeError("the encoder's header is larger than a stream's may be");
    }
  }
  partProduced(part: ProducedPart): void {
    this.#module.give(part.bytes);
    const taken = this.#module.exports.engine_part(
      this.#address,
      this.#now(),
      part.rendition,
      part.segment,
      part.part,
      Number(part.independent),
      part.mediaTimeUs,
      part.durationUs,
      part.capturedUs,
      part.segmentsLeft,
    );
    if (!taken) throw new RangeError("a part is empty or larger than 2 MiB: lower the bitrate");
  }

  nextWakeUs(): number {
    return this.#module.exports.engine_next_wake(this.#address);
  }

  stats(): EngineStats {
    // Our own module wrote this JSON.
    return JSON.parse(this.#module.textView(this.#module.exports.engine_stats(this.#address))) as EngineStats;
  }

  poll(): Output | undefined {
    const address = this.#module.exports.engine_poll(this.#address);
    return address === 0 ? undefined : this.#read(this.#module.view(address));
  }

  #read(view: DataView): Output {
    const peer = () => toPeerId(view.getBigUint64(8, true));
    const request = view.getBigUint64(16, true);
    const a = () => this.#module.bytes(view.getUint32(24, true), view.getUint32(28, true));
    const b = () => this.#module.bytes(view.getUint32(32, true), view.getUint32(36, true));
    const text = () => this.#module.text(view.getUint32(24, true), view.getUint32(28, true));
    const n = (index: number) => view.getUint32(64 + 4 * index, true);
    const flag = view.getUint32(4, true);
    const kind = view.getUint32(0, true);
    switch (kind) {
      case 1:
        return { kind: "dial", peer: peer() };
      case 2:
        return { kind: "accept", peer: peer() };
      case 3:
        return { kind: "refuse", peer: peer(), reason: text() };
      case 4:
        return { kind: "hangUp", peer: peer(), reason: text() };
      case 5:
        return { kind: "send", peer: peer(), channel: flag, header: a(), body: b() };
      case 6:
        return { kind: "hashPiece", request, bytes: a() };
      case 7:
        return { kind: "sign", request, message: a(), asAuthor: flag !== 0 };
      case 8:
        return {
          kind: "checkSignature",
          request,
          message: a(),
          signature: b().subarray(0, signatureBytes),
          key: b().length > signatureBytes ? b().subarray(signatureBytes) : undefined,
        };
      case 9:
        return {
          kind: "playRendition",
          rendition: { id: n(0), codecs: text(), width: n(1), height: n(2), bitsPerS: n(3), init: b().slice() },
        };
      case 10:
        return {
          kind: "playPart",
          part: {
            rendition: n(0),
            segment: n(1),
            part: n(2),
            independent: (flag & 1) !== 0,
            discontinuous: (flag & 2) !== 0,
            mediaTimeUs: view.getFloat64(40, true),
            durationUs: view.getFloat64(48, true),
            capturedUs: view.getFloat64(56, true),
            bytes: a().slice(),
          },
        };
      case 11:
        return { kind: "findCandidates", ...(JSON.parse(text()) as { exclude: PeerId[]; rendition?: number }) };
      case 12:
        return { kind: "sendReport", report: JSON.parse(text()) };
      case 13:
        return { kind: "misbehaved", peer: peer(), reason: text() };
      case 14:
        return { kind: "decision", text: text() };
      case 15:
        return { kind: "sendSignal", peer: peer(), text: text() };
      case 16:
        return { kind: "takeSignal", peer: peer(), text: text() };
      case 17:
        return { kind: "widen", peer: peer(), associations: n(0) };
      case 19: // 18, from the edge, is asked only where one is offered
        return { kind: "setPlayback", rate: n(0) / 1000, jumpToBufferS: flag ? view.getFloat64(48, true) / 1e6 : undefined };
      case 20: {
        const { number, ...message } = JSON.parse(text()) as ChatMessage & { number: number };
        return { kind: "chatShown", message, number };
      }
      case 21:
        return { kind: "chatHidden", ids: JSON.parse(text()) as string[] };
      case 22:
        return { kind: "chatSent", number: n(0), state: sentStates[n(1)] ?? "nobody", waitMs: view.getFloat64(48, true) / 1000 };
      case 23:
        return { kind: "chatRules", rules: JSON.parse(text()) as ChatRules };
      case 24:
        return { kind: "chatReacted", reaction: n(0), own: flag !== 0 };
      default:
        throw new Error(`the engine asked for ${kind}, which this version does not know`);
    }
  }

  #candidates(candidates: readonly Candidate[]): void {
    for (const { peerId, score, role, receiving, network, rendition } of candidates) {
      this.#module.exports.engine_candidate(this.#address, toBigInt(peerId), score, roles.indexOf(role), Number(receiving), network, rendition ?? -1);
    }
  }

  /**
   * Stands still while outputs are carried out: the engine takes a later time only once it has been drained, and carrying out may tell it
   * something (a link that is hung up is down).
   */
  set timeStandsStill(still: boolean) {
    this.#still = still;
  }

  /** performance.now() never goes back, but two contexts round it differently; the engine insists. */
  #now(): number {
    if (!this.#still) this.#last = Math.max(this.#last, nowUs());
    return this.#last;
  }
}
