import type { PeerId } from "../engine/engine";
import type { Module } from "../engine/module";
import { LocalConnection, type ConnectionEvents, type ConnectionOptions } from "../links/connection";
import type { MeshPeer, PeerSignaling } from "./meshPeer";
import { Peer, type PeerEvents, type PeerOptions } from "./peer";
import { WakeTimer } from "./wakeTimer";

/** A peer whose engine is in the page. */
export class LocalPeer extends Peer implements MeshPeer {
  readonly #connections: Map<PeerId, LocalConnection>;

  constructor(module: Module, signaling: PeerSignaling, options: PeerOptions, events: PeerEvents) {
    const connections = new Map<PeerId, LocalConnection>();
    const connect = (options: ConnectionOptions, events: ConnectionEvents) => {
      const made = new LocalConnection(options, events);
      if (options.association === 0) connections.set(options.peer, made);
      return made;
    };
    super({ module, signaling, connect, timer: (wake) => new WakeTimer(wake) }, options, events);
    this.#connections = connections;
  }

  connectionOf(peer: PeerId): RTCPeerConnection | undefined {
    const made = this.#connections.get(peer)?.connection;
    return made?.connectionState === "closed" ? undefined : made;
  }
}
