import { Channel, toBigInt, type PeerId } from "../engine/engine";
import type { Signal } from "../signaling/messages";
import { certificate } from "./certificate";

/** docs/links.md has the reasons; libs/transport is the native twin. */
const setUpTimeoutMs = 15_000;
const messageBytesMax = 4_096;
const bufferedLowBytes = 32 * 1024;
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
  connection: RTCPeerConnection;
  channels: [RTCDataChannel, RTCDataChannel];
  offerer: boolean;
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

  constructor(events: LinkEvents) {
    this.#events = events;
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
      await link.connection.setLocalDescription();
      this.#events.signal(peer, { type: "offer", sdp: link.connection.localDescription?.sdp ?? "" });
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
      await link.connection.setRemoteDescription({ type: "offer", sdp: offer.sdp });
      this.#addWaiting(link);
      await link.connection.setLocalDescription();
      this.#events.signal(peer, { type: "answer", sdp: link.connection.localDescription?.sdp ?? "" });
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
      if (performance.now() < until && link.up && this.#buffered(link) > 0) setTimeout(close, 20);
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
        if (!link?.offerer || link.described || link.connection.signalingState !== "have-local-offer") return;
        return this.#describe(link, async () => {
          await link.connection.setRemoteDescription({ type: "answer", sdp: signal.sdp });
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
      link.channels[channel].send(message);
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
      const buffered = this.#buffered(link);
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
    return link?.up ? this.#buffered(link) : 0;
  }

  connectionOf(peer: PeerId): RTCPeerConnection | undefined {
    return this.#links.get(peer)?.connection;
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
    if (link?.up || (link && !link.offerer)) this.#fail(link); // he started over
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
    if (link.described) link.connection.addIceCandidate(candidate).catch(() => {});
    else if (link.waitingCandidates.length < candidatesMax) link.waitingCandidates.push(candidate);
  }

  #addWaiting(link: Link): void {
    link.described = true;
    for (const candidate of link.waitingCandidates) link.connection.addIceCandidate(candidate).catch(() => {});
    link.waitingCandidates = [];
  }

  /** Runs a step of the negotiation; if it throws, the link failed. */
  #describe(link: Link, step: () => Promise<void>): void {
    step().catch(() => {
      if (this.#links.get(link.peer) === link) this.#fail(link);
    });
  }

  #make(peer: PeerId, offerer: boolean): Link {
    const connection = new RTCPeerConnection({
      ...certificate(),
      iceServers: this.iceServers,
      iceTransportPolicy: this.#relayOnly ? "relay" : "all",
    });
    const channels: [RTCDataChannel, RTCDataChannel] = [
      connection.createDataChannel("control", { negotiated: true, id: 0, ordered: true }),
      connection.createDataChannel("pieces", { negotiated: true, id: 1, ordered: false }),
    ];
    const link: Link = {
      peer,
      connection,
      channels,
      offerer,
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
    const mine = () => this.#links.get(peer) === link;
    connection.onicecandidate = ({ candidate }) => {
      if (mine() && candidate?.candidate) {
        this.#events.signal(peer, { type: "candidate", candidate: candidate.candidate, mid: candidate.sdpMid ?? "0" });
      }
    };
    connection.onconnectionstatechange = () => {
      if (mine() && connection.connectionState === "failed") this.#fail(link);
    };
    connection.ondatachannel = () => {
      if (mine()) this.#fail(link); // both channels are agreed on beforehand; nobody opens another
    };
    channels.forEach((channel, index) => {
      channel.binaryType = "arraybuffer";
      channel.bufferedAmountLowThreshold = bufferedLowBytes;
      channel.onopen = () => {
        if (mine() && channels.every(({ readyState }) => readyState === "open")) void this.#opened(link);
      };
      channel.onclose = () => {
        if (mine()) this.#fail(link);
      };
      channel.onbufferedamountlow = () => {
        if (mine() && link.up) this.#events.backlog(peer, this.#buffered(link));
      };
      channel.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (!mine()) return;
        if (!(data instanceof ArrayBuffer) || data.byteLength === 0 || data.byteLength > messageBytesMax) this.#fail(link);
        else if (link.up) this.#events.message(peer, index, data);
        else if (link.early.length < 256) link.early.push([index, data]);
      };
    });
    return link;
  }

  async #opened(link: Link): Promise<void> {
    const relayed = await isRelayed(link.connection);
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
    for (const channel of link.channels) channel.onclose = channel.onmessage = channel.onopen = null;
    link.connection.onconnectionstatechange = link.connection.onicecandidate = null;
    link.connection.close();
  }

  #buffered(link: Link): number {
    return link.channels[0].bufferedAmount + link.channels[1].bufferedAmount;
  }
}

/** Whether the path that ICE chose goes through a TURN server. */
async function isRelayed(connection: RTCPeerConnection): Promise<boolean> {
  // Where a browser has the pair at hand, it is not searched for in all statistics: those take some milliseconds.
  const pair = connection.sctp?.transport.iceTransport.getSelectedCandidatePair?.();
  if (pair) return pair.local?.type === "relay" || pair.remote?.type === "relay";
  const stats = await connection.getStats();
  for (const entry of stats.values() as Iterable<Record<string, unknown>>) {
    if (entry.type !== "candidate-pair" || entry.state !== "succeeded" || entry.nominated !== true) continue;
    const local = stats.get(String(entry.localCandidateId)) as Record<string, unknown> | undefined;
    const remote = stats.get(String(entry.remoteCandidateId)) as Record<string, unknown> | undefined;
    if (local?.candidateType === "relay" || remote?.candidateType === "relay") return true;
  }
  return false;
}
