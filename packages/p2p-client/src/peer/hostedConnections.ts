import type { PeerId } from "../engine/engine";
import { closeConnection, describe, isRelayed, makeChannels, makeConnection, type ConnectionOptions } from "../links/connection";
import type { ConnectionCall, ToWorker } from "./workerMessages";

/** In the page: the connections of a peer that is in a worker, since browsers make them here only. */
export class HostedConnections {
  readonly #post: (message: ToWorker, transfer?: Transferable[]) => void;
  readonly #connections = new Map<number, { connection: RTCPeerConnection; options: ConnectionOptions }>();

  constructor(post: (message: ToWorker, transfer?: Transferable[]) => void) {
    this.#post = post;
  }

  connect(id: number, options: ConnectionOptions): void {
    const connection = makeConnection(options, {
      candidate: (candidate, mid) => this.#post({ kind: "candidate", connection: id, candidate, mid }),
      failed: () => this.#post({ kind: "failed", connection: id }),
    });
    this.#connections.set(id, { connection, options });
    // In the task that made them: a channel that was in use cannot be handed over.
    const channels = makeChannels(connection);
    this.#post({ kind: "channels", connection: id, channels }, [...channels] as unknown as Transferable[]);
  }

  async call(id: number, call: number, asked: ConnectionCall): Promise<void> {
    const hosted = this.#connections.get(id);
    try {
      if (!hosted) throw new Error("the connection is closed");
      this.#post({ kind: "done", call, value: await this.#carryOut(hosted.connection, asked) });
    } catch (error) {
      this.#post({ kind: "done", call, error: String(error) });
    }
  }

  add(id: number, candidate: RTCIceCandidateInit): void {
    this.#connections
      .get(id)
      ?.connection.addIceCandidate(candidate)
      .catch(() => {});
  }

  close(id: number): void {
    const hosted = this.#connections.get(id);
    if (!hosted) return;
    this.#connections.delete(id);
    closeConnection(hosted.connection);
  }

  closeAll(): void {
    for (const id of [...this.#connections.keys()]) this.close(id);
  }

  of(peer: PeerId): RTCPeerConnection | undefined {
    for (const { connection, options } of this.#connections.values()) {
      if (options.peer === peer && options.association === 0) return connection;
    }
    return undefined;
  }

  #carryOut(connection: RTCPeerConnection, asked: ConnectionCall): Promise<unknown> {
    switch (asked.what) {
      case "describe":
        return describe(connection);
      case "take":
        return connection.setRemoteDescription({ type: asked.type, sdp: asked.sdp });
      case "isRelayed":
        return isRelayed(connection);
    }
  }
}
