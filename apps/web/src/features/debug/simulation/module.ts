import type { EngineStats, Role } from "@p2p-stream/client";

/** bindings/wasm/src/live_abi.cpp is the other side; both change together. */
interface Exports {
  memory: WebAssembly.Memory;
  _initialize?: () => void;
  live_kinds(): number;
  live_new(seed: bigint): number;
  live_free(live: number): void;
  live_advance(live: number, us: number): void;
  live_apply(live: number, kind: number, value: number, peer: number): number;
  live_changes(live: number): number;
  live_view(live: number): number;
  live_digest(live: number): bigint;
  live_engine(live: number, peer: number): number;
  live_follow(live: number, peer: number): void;
  live_log(live: number, after: number, linesMax: number): number;
}

/** What can be changed while a simulation runs. */
export interface ChangeKind {
  name: string;
  min: number;
  max: number;
  initial: number;
  /** It stays as it is set; the others happen once. */
  lasting: boolean;
  ofPeer: boolean;
}

export interface Change {
  atUs: number;
  kind: string;
  value: number;
  peer: number;
}

export type PeerState = "joining" | "playing" | "standing" | "frozen";

export interface PeerView {
  /** 0: the source; viewers as they come. */
  number: number;
  id: string;
  role: Role;
  state: PeerState;
  poisons: boolean;
  score: number;
  hop: number;
  /** -1: nobody feeds it this stripe. */
  stripeHops: number[];
  delayMs: number;
  bufferMs: number;
  behindMs: number;
  receivedBitsPerS: number;
  fromSourceBitsPerS: number;
  givenBitsPerS: number;
  lineUpBitsPerS: number;
  lineDownBitsPerS: number;
}

export interface FeedView {
  from: number;
  to: number;
  /** A bit for each that it feeds. */
  stripes: number;
  relayed: boolean;
  bitsPerS: number;
}

/** Of the honest viewers in the last ten seconds; counts since the start. */
export interface Totals {
  viewers: number;
  poisoners: number;
  playing: number;
  standing: number;
  delayMsP50: number;
  delayMsP95: number;
  continuity: number;
  shareFromPeers: number;
  sourceCopies: number;
  duplicates: number;
  repairs: number;
  piecesFailed: number;
  badPiecesPlayed: number;
  accused: number;
  honestAccused: number;
}

export interface SimulationView {
  atUs: number;
  atEnd: boolean;
  events: number;
  serverAway: boolean;
  streamBitsPerS: number;
  /** Of the lasting kinds, in their order. */
  settings: number[];
  totals: Totals;
  peers: PeerView[];
  feeds: FeedView[];
}

export interface LogLine {
  number: number;
  atUs: number;
  kind: string;
  peer: number;
  id: string;
  text: string;
}

type LogRow = [number: number, atUs: number, kind: string, peer: number, id: string, text: string];

const utf8 = new TextDecoder();

/** The simulator in WebAssembly. Its texts are JSON that our own module wrote. */
export class SimulatorModule {
  readonly #exports: Exports;
  readonly kinds: readonly ChangeKind[];

  private constructor(instance: WebAssembly.Instance) {
    this.#exports = instance.exports as unknown as Exports;
    this.#exports._initialize?.();
    this.kinds = JSON.parse(this.#text(this.#exports.live_kinds())) as ChangeKind[];
  }

  static async load(source: Promise<Response>): Promise<SimulatorModule> {
    const { instance } = await WebAssembly.instantiateStreaming(source, {});
    return new SimulatorModule(instance);
  }

  static async fromBytes(bytes: BufferSource): Promise<SimulatorModule> {
    return new SimulatorModule(new WebAssembly.Instance(await WebAssembly.compile(bytes), {}));
  }

  start(seed: bigint): Simulation {
    return new Simulation(this, this.#exports, seed);
  }

  /** Of a View (address and size). */
  readonly #text = (address: number): string => {
    const { buffer } = this.#exports.memory;
    const view = new DataView(buffer, address);
    return utf8.decode(new Uint8Array(buffer, view.getUint32(0, true), view.getUint32(4, true)));
  };
  get text(): (address: number) => string {
    return this.#text;
  }
}

/** One run. The same seed and the same changes at the same times give the same digest. */
export class Simulation {
  readonly #exports: Exports;
  readonly #text: (address: number) => string;
  readonly #kinds: readonly ChangeKind[];
  readonly #address: number;
  #atUs = 0;

  constructor(module: SimulatorModule, exports: Exports, seed: bigint) {
    this.#exports = exports;
    this.#text = module.text;
    this.#kinds = module.kinds;
    this.#address = exports.live_new(seed);
  }

  free(): void {
    this.#exports.live_free(this.#address);
  }

  get atUs(): number {
    return this.#atUs;
  }

  advance(us: number): void {
    this.#exports.live_advance(this.#address, us);
    this.#atUs += us;
  }

  /** Why it was not done; empty when it was. */
  apply(kind: string, value: number, peer = 0): string {
    const number = this.#kinds.findIndex(({ name }) => name === kind);
    return this.#text(this.#exports.live_apply(this.#address, number < 0 ? this.#kinds.length : number, value, peer));
  }

  changes(): Change[] {
    return JSON.parse(this.#text(this.#exports.live_changes(this.#address))) as Change[];
  }

  view(): SimulationView {
    return JSON.parse(this.#text(this.#exports.live_view(this.#address))) as SimulationView;
  }

  digest(): string {
    return BigInt.asUintN(64, this.#exports.live_digest(this.#address)).toString(16).padStart(16, "0");
  }

  engine(peer: number): EngineStats | undefined {
    return (JSON.parse(this.#text(this.#exports.live_engine(this.#address, peer))) as EngineStats | null) ?? undefined;
  }

  /** The parts of this peer are in the log from now on; 0: of nobody. */
  follow(peer: number): void {
    this.#exports.live_follow(this.#address, peer);
  }

  log(after: number, linesMax: number): LogLine[] {
    const rows = JSON.parse(this.#text(this.#exports.live_log(this.#address, after, linesMax))) as LogRow[];
    return rows.map(([number, atUs, kind, peer, id, text]) => ({ number, atUs, kind, peer, id, text }));
  }
}
