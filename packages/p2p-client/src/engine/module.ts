/**
 * The WebAssembly module of bindings/wasm: loaded once a page, shared by all engines, players and packagers in it.
 * Addresses are offsets in its linear memory; memory may grow in any call, so views are made anew each time.
 */

type Address = number;

/** What bindings/wasm exports. Both change together. */
export interface Exports {
  memory: WebAssembly.Memory;
  _initialize?: () => void;
  buffer_new(size: number): Address;

  engine_new(now: number, seed: bigint, source: number, giving: number, connectionsMax: number, uploadBitsPerS: number, patienceUs: number): Address;
  engine_free(engine: Address): void;
  engine_candidate(engine: Address, peer: bigint, score: number, role: number, receiving: number, network: number, rendition: number): void;
  engine_joined(engine: Address, now: number, self: bigint, hasSource: number, source: bigint): void;
  engine_candidates_found(engine: Address, now: number): void;
  engine_signaling_away(engine: Address, now: number): void;
  engine_offer(engine: Address, now: number, peer: bigint, network: number): void;
  engine_receipt(engine: Address, peer: bigint, bitsPerS: number): void;
  engine_receipts(engine: Address, now: number, score: number): void;
  engine_link_up(engine: Address, now: number, peer: bigint, relayed: number): void;
  engine_link_down(engine: Address, now: number, peer: bigint): void;
  engine_link_widened(engine: Address, now: number, peer: bigint, associations: number): void;
  engine_message(engine: Address, now: number, peer: bigint, channel: number): void;
  engine_backlog(engine: Address, now: number, peer: bigint, bytes: number): void;
  engine_hashed(engine: Address, now: number, request: bigint): void;
  engine_signed(engine: Address, now: number, request: bigint): void;
  engine_signature_checked(engine: Address, now: number, request: bigint, valid: number): void;
  engine_playhead(engine: Address, now: number, mediaUs: number, bufferedUs: number, playing: number, stalled: number): void;
  engine_latency(engine: Address, now: number, balanced: number): void;
  engine_to_live(engine: Address, now: number): void;
  engine_sharing(engine: Address, now: number, giving: number, uploadBitsPerSMax: number): void;
  engine_signal(engine: Address, now: number, to: bigint): void;
  engine_chat_as(engine: Address, now: number, hasKey: number): void;
  engine_chat_say(engine: Address, now: number, number: number): void;
  engine_chat_react(engine: Address, now: number, kind: number): void;
  engine_chat_moderate(engine: Address, now: number, what: number, slowS: number, nameSize: number): void;
  engine_leave(engine: Address, now: number): void;
  engine_wake(engine: Address, now: number): void;
  engine_quality(engine: Address, now: number, rendition: number): void;
  engine_rendition(
    engine: Address,
    now: number,
    rendition: number,
    codecsSize: number,
    width: number,
    height: number,
    bitsPerS: number,
    firstPiece: number,
  ): number;
  engine_part(
    engine: Address,
    now: number,
    rendition: number,
    segment: number,
    part: number,
    independent: number,
    mediaUs: number,
    durationUs: number,
    capturedUs: number,
    segmentsLeft: number,
  ): number;
  engine_poll(engine: Address): Address;
  engine_next_wake(engine: Address): number;
  engine_stats(engine: Address): Address;
  engine_digest(engine: Address): bigint;

  player_new(partUs: number, segmentUs: number, holdBackParts: number, segmentsMax: number): Address;
  player_free(player: Address): void;
  player_init(player: Address, rendition: number): number;
  player_add(
    player: Address,
    rendition: number,
    segment: number,
    part: number,
    independent: number,
    startUs: number,
    durationUs: number,
    capturedUs: number,
  ): number;
  player_end(player: Address): void;
  player_has(player: Address, segment: number, part: number): number;
  player_has_listed(player: Address, sequence: number, part: number): number;
  player_playlist(player: Address): Address;
  player_filler(player: Address, segment: number, part: number): Address;

  packager_new(partUs: number, segmentUs: number, firstSegment: number): Address;
  packager_free(packager: Address): void;
  packager_video(packager: Address): number;
  packager_opus(packager: Address, channels: number, preSkip: number): void;
  packager_aac(packager: Address): number;
  packager_start(packager: Address): Address;
  packager_codecs(packager: Address): Address;
  packager_size(packager: Address): number;
  packager_push(packager: Address, video: number, key: number, dtsUs: number, ptsUs: number, durationUs: number, capturedUs: number): number;
  packager_flush(packager: Address): void;
  packager_take(packager: Address): Address;
}

const utf8 = new TextDecoder();

export class Module {
  readonly exports: Exports;

  private constructor(instance: WebAssembly.Instance) {
    this.exports = instance.exports as unknown as Exports;
    this.exports._initialize?.();
  }

  static async load(source: Response | Promise<Response>): Promise<Module> {
    const { instance } = await WebAssembly.instantiateStreaming(source, {});
    return new Module(instance);
  }

  static async fromBytes(bytes: BufferSource): Promise<Module> {
    return new Module(new WebAssembly.Instance(await WebAssembly.compile(bytes), {}));
  }

  /** Hands `bytes` over to the next call. */
  give(...chunks: (Uint8Array | ArrayBuffer)[]): void {
    const views = chunks.map((chunk) => (chunk instanceof Uint8Array ? chunk : new Uint8Array(chunk)));
    const size = views.reduce((sum, view) => sum + view.length, 0);
    let at = this.exports.buffer_new(size);
    if (at === 0 && size > 0) throw new RangeError(`${size} bytes are more than the engine takes at once`);
    for (const view of views) {
      new Uint8Array(this.exports.memory.buffer, at, view.length).set(view);
      at += view.length;
    }
  }

  view(address: Address): DataView {
    return new DataView(this.exports.memory.buffer, address);
  }

  /** Bytes in the module's memory: valid until the next call into it. */
  bytes(address: Address, size: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.exports.memory.buffer as ArrayBuffer, address, size);
  }

  /** What a View (address and size) points at, copied. */
  copyView(address: Address): Uint8Array<ArrayBuffer> {
    const view = this.view(address);
    return this.bytes(view.getUint32(0, true), view.getUint32(4, true)).slice();
  }

  textView(address: Address): string {
    const view = this.view(address);
    return this.text(view.getUint32(0, true), view.getUint32(4, true));
  }

  text(address: Address, size: number): string {
    return utf8.decode(this.bytes(address, size));
  }
}

let loading: Promise<Module> | undefined;

/** The module beside this file's bundle; a failure to load is tried again by the next call. */
export function loadModule(): Promise<Module> {
  loading ??= Module.load(fetch(new URL("../../wasm/p2p-stream.wasm", import.meta.url))).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}
