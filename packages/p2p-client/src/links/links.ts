import { Channel, toBigInt, type PeerId } from "../engine/engine";
import type { Signal } from "../signaling/messages";
import type { Connect, Connection } from "./connection";

/** docs/links.md has the reasons; libs/transport is the native twin. */
const setUpTimeoutMs = 15_000;
const messageBytesMax = 4_096;
const bufferedBytesMax = 4 * 1024 * 1024;
const candidatesMax = 64;
const offersMax = 64;

export interface LinkEvents {
  /** A peer wants a link: answer with accept() or refuse(). */
  offer(peer: PeerId, network: number): void;
  up(peer: PeerId, relayed: boolean): void;
  /** Gone, or never came up. */
  down(peer: PeerId): void;
  message(peer: PeerId, channel: Channel, bytes: ArrayBuffer): void;
  backlog(peer: PeerId, bytes: number): void;
  signal(to: PeerId, signal: Signal): void;
}

interface Link {
  peer: PeerId;
  connection: Connection;
  offerer: boolean;
  /** Our offer is out. */
  offered: boolean;
  up: boolean;
  relayed: boolean;
  described: boolean;
  waitingCandidates: RTCIceCandidateInit[];
  early: [Channel, ArrayBuffer][];
  timer: ReturnType<typeof setTimeout>;
}

/** The WebRTC links of one peer, at most one with each other peer. */
export class Links {
  readonly #events: LinkEvents;
  readonly #links = new Map<PeerId, Link>();
  readonly #offers = new Map<PeerId, { sdp: string; candidates: RTCIceCandidateInit[]; timer: ReturnType<typeof setTimeout> }>();
  readonly #touched = new Set<Link>();
  self: PeerId | undefined;
  iceServers: RTCIceServer[] = [];
  #relayOnly = false;

  readonly #connect: Connect;
  readonly #association: number;

  constructor(connect: Connect, events: LinkEvents, association = 0) {
    this.#connect = connect;
    this.#events = events;
    this.#association = association;
  }

  /** Direct links do not outlive the wish to have none. */
  setRelayOnly(relayOnly: boolean): void {
    if (this.#relayOnly === relayOnly) return;
    this.#relayOnly = relayOnly;
    if (!relayOnly) return;
    for (const link of [...this.#links.values()]) if (!link.relayed) this.#fail(link);
  }

  dial(peer: PeerId): void {
    if (this.#links.has(peer)) return;
    if (this.#offers.has(peer)) {
      // Both dial: the smaller id stays the offerer; the other side's offer is answered by the engine as any other.
      if (!this.#smaller(peer)) return;
      this.#forgetOffer(peer);
    }
    const link = this.#make(peer, true);
    this.#describe(link, async () => {
      const sdp = await link.connection.describe();
      link.offered = true;
      this.#events.signal(peer, { type: "offer", sdp });
    });
  }

  accept(peer: PeerId): void {
    const offer = this.#offers.get(peer);
    const mine = this.#links.get(peer);
    if (!offer) {
      if (!mine) this.#events.down(peer); // the offer was withdrawn while the engine thought about it
      return;
    }
    this.#forgetOffer(peer);
    if (mine) this.#close(mine);
    const link = this.#make(peer, false);
    link.waitingCandidates = offer.candidates;
    this.#describe(link, async () => {
      await link.connection.take("offer", offer.sdp);
      this.#addWaiting(link);
      this.#events.signal(peer, { type: "answer", sdp: await link.connection.describe() });
    });
  }

  refuse(peer: PeerId, reason: string): void {
    this.#forgetOffer(peer);
    this.#events.signal(peer, { type: "bye", reason });
  }

  hangUp(peer: PeerId): void {
    const link = this.#links.get(peer);
    if (!link) return;
    if (!link.up) this.#events.signal(peer, { type: "bye", reason: "not wanted any more" });
    // What was sent goes out first: close() would throw it away.
    this.#links.delete(peer);
    clearTimeout(link.timer);
    const until = performance.now() + 2_000;
    const close = () => {
      if (performance.now() < until && link.up && link.connection.buffered > 0) setTimeout(close, 20);
      else this.#close(link);
    };
    close();
    this.#events.down(peer);
  }

  /** `network`: of the sender, as the server says. */
  signal(from: PeerId, signal: Signal, network = 0): void {
    switch (signal.type) {
      case "offer":
        return this.#offered(from, signal.sdp, network);
      case "answer": {
        const link = this.#links.get(from);
        if (!link?.offered || link.described) return;
        return this.#describe(link, async () => {
          await link.connection.take("answer", signal.sdp);
          this.#addWaiting(link);
        });
      }
      case "candidate":
        return this.#candidate(from, { candidate: signal.candidate, sdpMid: signal.mid });
      case "bye": {
        this.#forgetOffer(from);
        const link = this.#links.get(from);
        if (link && !link.up) this.#fail(link);
      }
    }
  }

  /** False when the link is not up: the message is lost. `header` and `body` are copied. */
  send(peer: PeerId, channel: Channel, header: Uint8Array, body: Uint8Array): boolean {
    const link = this.#links.get(peer);
    if (!link?.up) return false;
    const message = new Uint8Array(header.length + body.length);
    message.set(header);
    message.set(body, header.length);
    try {
      link.connection.send(channel, message);
    } catch {
      this.#fail(link);
      return false;
    }
    this.#touched.add(link);
    return true;
  }

  /** Tells the backlog of every link that something was sent on since the last call. */
  tellBacklogs(): void {
    for (const link of this.#touched) {
      if (!link.up) continue;
      const buffered = link.connection.buffered;
      if (buffered > bufferedBytesMax) this.#fail(link);
      else this.#events.backlog(link.peer, buffered);
    }
    this.#touched.clear();
  }

  isUp(peer: PeerId): boolean {
    return this.#links.get(peer)?.up === true;
  }

  /** Bytes that wait in the buffers of its channels. */
  buffered(peer: PeerId): number {
    const link = this.#links.get(peer);
    return link?.up ? link.connection.buffered : 0;
  }

  closeAll(): void {
    for (const peer of [...this.#offers.keys()]) this.#forgetOffer(peer);
    for (const link of this.#links.values()) this.#close(link);
    this.#links.clear();
  }

  #smaller(peer: PeerId): boolean {
    return this.self !== undefined && toBigInt(this.self) < toBigInt(peer);
  }

  #offered(from: PeerId, sdp: string, network: number): void {
    const link = this.#links.get(from);
    if (link?.up || (link && !link.offerer))
      this.#fail(link); // he started over
    else if (link && this.#smaller(from)) return; // he will drop his own when ours arrives
    this.#forgetOffer(from);
    if (this.#offers.size >= offersMax) {
      this.#events.signal(from, { type: "bye", reason: "busy" });
      return;
    }
    const timer = setTimeout(() => this.#offers.delete(from), setUpTimeoutMs);
    this.#offers.set(from, { sdp, candidates: [], timer });
    this.#events.offer(from, network);
  }

  #forgetOffer(peer: PeerId): void {
    clearTimeout(this.#offers.get(peer)?.timer);
    this.#offers.delete(peer);
  }

  #candidate(from: PeerId, candidate: RTCIceCandidateInit): void {
    const offer = this.#offers.get(from);
    if (offer) {
      if (offer.candidates.length < candidatesMax) offer.candidates.push(candidate);
      return;
    }
    const link = this.#links.get(from);
    if (!link) return;
    if (link.described) link.connection.add(candidate);
    else if (link.waitingCandidates.length < candidatesMax) link.waitingCandidates.push(candidate);
  }

  #addWaiting(link: Link): void {
    link.described = true;
    for (const candidate of link.waitingCandidates) link.connection.add(candidate);
    link.waitingCandidates = [];
  }

  /** Runs a step of the negotiation; if it throws, the link failed. */
  #describe(link: Link, step: () => Promise<void>): void {
    step().catch(() => {
      if (this.#links.get(link.peer) === link) this.#fail(link);
    });
  }

  #make(peer: PeerId, offerer: boolean): Link {
    const mine = () => this.#links.get(peer) === link;
    const options = { peer, association: this.#association, iceServers: this.iceServers, relayOnly: this.#relayOnly };
    const connection = this.#connect(options, {
      candidate: (candidate, mid) => mine() && this.#events.signal(peer, { type: "candidate", candidate, mid }),
      opened: () => mine() && void this.#opened(link),
      failed: () => mine() && this.#fail(link),
      low: () => mine() && link.up && this.#events.backlog(peer, connection.buffered),
      message: (channel, data) => {
        if (!mine()) return;
        if (!(data instanceof ArrayBuffer) || data.byteLength === 0 || data.byteLength > messageBytesMax) this.#fail(link);
        else if (link.up) this.#events.message(peer, channel, data);
        else if (link.early.length < 256) link.early.push([channel, data]);
      },
    });
    const link: Link = {
      peer,
      connection,
      offerer,
      offered: false,
      up: false,
      relayed: false,
      described: false,
      waitingCandidates: [],
      early: [],
      timer: setTimeout(() => {
        this.#events.signal(peer, { type: "bye", reason: "no connection within 15 s" });
        this.#fail(link);
      }, setUpTimeoutMs),
    };
    this.#links.set(peer, link);
    return link;
  }

  async #opened(link: Link): Promise<void> {
    const relayed = await link.connection.isRelayed();
    if (this.#links.get(link.peer) !== link || link.up) return;
    clearTimeout(link.timer);
    link.up = true;
    link.relayed = relayed;
    this.#events.up(link.peer, relayed);
    for (const [channel, bytes] of link.early) this.#events.message(link.peer, channel, bytes);
    link.early = [];
  }

  #fail(link: Link): void {
    const mine = this.#links.get(link.peer) === link;
    if (mine) this.#links.delete(link.peer);
    this.#close(link);
    if (mine) this.#events.down(link.peer);
  }

  #close(link: Link): void {
    clearTimeout(link.timer);
    link.connection.close();
  }
}
