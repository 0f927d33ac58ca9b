import { Channel, type PeerId } from "../engine/engine";
import type { Signal } from "../signaling/messages";
import type { Connect } from "./connection";
import { Links, type LinkEvents } from "./links";

const associationsMax = 4;

export interface WideLinkEvents extends LinkEvents {
  /** So many associations carry the pieces of this link now. */
  widened(peer: PeerId, associations: number): void;
}

/**
 * The links of one peer, each with up to four associations: what a path that loses packets carries grows with their number
 * (docs/links.md; libs/transport/src/wide_links.hpp is the native twin). The first is the link; those beside it carry pieces only, come
 * when an end wants them, and go with the link.
 */
export class WideLinks {
  readonly #events: WideLinkEvents;
  readonly #first: Links;
  readonly #others: readonly Links[];
  readonly #wide = new Set<PeerId>();

  constructor(connect: Connect, events: WideLinkEvents) {
    this.#events = events;
    this.#first = new Links(connect, {
      ...events,
      down: (peer) => {
        this.#wide.delete(peer);
        for (const links of this.#others) links.hangUp(peer);
        events.down(peer);
      },
      backlog: (peer) => events.backlog(peer, this.#buffered(peer)),
    });
    this.#others = Array.from({ length: associationsMax - 1 }, (_, index) => this.#beside(connect, index + 1));
  }

  set self(self: PeerId) {
    for (const links of this.#all()) links.self = self;
  }

  set iceServers(servers: RTCIceServer[]) {
    for (const links of this.#all()) links.iceServers = servers;
  }

  /** New links go through TURN servers alone, so that peers see those servers' addresses and not ours; those there are, are ended if they do not. */
  set relayOnly(relayOnly: boolean) {
    for (const links of this.#all()) links.setRelayOnly(relayOnly);
  }

  dial(peer: PeerId): void {
    this.#first.dial(peer);
  }

  accept(peer: PeerId): void {
    this.#first.accept(peer);
  }

  refuse(peer: PeerId, reason: string): void {
    this.#first.refuse(peer, reason);
  }

  hangUp(peer: PeerId): void {
    this.#first.hangUp(peer); // the others go when it is down
  }

  /** So many associations in all; nothing happens to those that are there or on their way. */
  widen(peer: PeerId, associations: number): void {
    if (!this.#first.isUp(peer)) return;
    for (const links of this.#others.slice(0, associations - 1)) links.dial(peer);
  }

  signal(from: PeerId, signal: Signal, network = 0): void {
    (signal.association ? this.#others[signal.association - 1] : this.#first)?.signal(from, signal, network);
  }

  /** A piece goes over the association with the least waiting. */
  send(peer: PeerId, channel: Channel, header: Uint8Array, body: Uint8Array): boolean {
    if (channel === Channel.control || !this.#wide.has(peer)) return this.#first.send(peer, channel, header, body);
    let best = this.#first;
    for (const links of this.#others) {
      if (links.isUp(peer) && links.buffered(peer) < best.buffered(peer)) best = links;
    }
    return best.send(peer, channel, header, body);
  }

  /** Tells the backlog of every link that something was sent on since the last call. */
  tellBacklogs(): void {
    for (const links of this.#all()) links.tellBacklogs();
  }

  closeAll(): void {
    for (const links of this.#all()) links.closeAll();
  }

  #all(): Links[] {
    return [this.#first, ...this.#others];
  }

  #beside(connect: Connect, association: number): Links {
    const events: LinkEvents = {
      offer: (peer) => {
        if (this.#first.isUp(peer)) links.accept(peer);
        else links.refuse(peer, "there is no link to widen");
      },
      up: (peer) => {
        if (!this.#first.isUp(peer)) {
          links.hangUp(peer); // the link ended while this one came up
          return;
        }
        this.#wide.add(peer);
        this.#count(peer);
      },
      down: (peer) => this.#count(peer),
      message: (peer, channel, bytes) => {
        // What is said in order goes over the first.
        if (channel === Channel.pieces && this.#first.isUp(peer)) this.#events.message(peer, channel, bytes);
      },
      backlog: (peer) => {
        if (this.#first.isUp(peer)) this.#events.backlog(peer, this.#buffered(peer));
      },
      signal: (to, signal) => this.#events.signal(to, { ...signal, association }),
    };
    const links = new Links(connect, events, association);
    return links;
  }

  #count(peer: PeerId): void {
    if (this.#wide.has(peer)) this.#events.widened(peer, this.#all().filter((links) => links.isUp(peer)).length);
  }

  #buffered(peer: PeerId): number {
    return this.#all().reduce((bytes, links) => bytes + links.buffered(peer), 0);
  }
}
