import type { Channel } from "../engine/engine";
import { listenTo, silence, type Channels, type Connection, type ConnectionEvents, type ConnectionOptions } from "../links/connection";
import type { ConnectionCall, FromWorker } from "./workerMessages";

/** In the worker: a connection that is in the page, whose channels were handed over. */
class RemoteConnection implements Connection {
  readonly #id: number;
  readonly #page: RemoteConnections;
  readonly events: ConnectionEvents;
  #channels: Channels | undefined;

  constructor(id: number, page: RemoteConnections, events: ConnectionEvents) {
    this.#id = id;
    this.#page = page;
    this.events = events;
  }

  /** They were made before anything was said to the other side, so nothing has come over them yet. */
  handOver(channels: Channels): void {
    this.#channels = channels;
    listenTo(channels, this.events);
  }

  describe(): Promise<string> {
    return this.#page.call(this.#id, { what: "describe" }) as Promise<string>;
  }
  async take(type: "offer" | "answer", sdp: string): Promise<void> {
    await this.#page.call(this.#id, { what: "take", type, sdp });
  }
  add(candidate: RTCIceCandidateInit): void {
    this.#page.post({ kind: "add", connection: this.#id, candidate });
  }
  send(channel: Channel, message: Uint8Array<ArrayBuffer>): void {
    if (!this.#channels) throw new Error("the channels are not here yet");
    this.#channels[channel].send(message);
  }
  get buffered(): number {
    return this.#channels ? this.#channels[0].bufferedAmount + this.#channels[1].bufferedAmount : 0;
  }
  isRelayed(): Promise<boolean> {
    return this.#page.call(this.#id, { what: "isRelayed" }) as Promise<boolean>;
  }
  close(): void {
    if (this.#channels) silence(this.#channels);
    this.#page.closed(this.#id);
  }
}

/** All connections of the worker's peer, by the number under which the page knows them. */
export class RemoteConnections {
  readonly post: (message: FromWorker) => void;
  readonly #connections = new Map<number, RemoteConnection>();
  readonly #calls = new Map<number, { connection: number; resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #next = 0;

  constructor(post: (message: FromWorker) => void) {
    this.post = post;
  }

  connect = (options: ConnectionOptions, events: ConnectionEvents): Connection => {
    const id = this.#next++;
    const connection = new RemoteConnection(id, this, events);
    this.#connections.set(id, connection);
    this.post({ kind: "connect", connection: id, options });
    return connection;
  };

  call(connection: number, asked: ConnectionCall): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const call = this.#next++;
      this.#calls.set(call, { connection, resolve, reject });
      this.post({ kind: "call", connection, call, asked });
    });
  }

  done(call: number, value: unknown, error: string | undefined): void {
    const asked = this.#calls.get(call);
    this.#calls.delete(call);
    if (error === undefined) asked?.resolve(value);
    else asked?.reject(new Error(error));
  }

  channels(id: number, channels: Channels): void {
    this.#connections.get(id)?.handOver(channels);
  }

  candidate(id: number, candidate: string, mid: string): void {
    this.#connections.get(id)?.events.candidate(candidate, mid);
  }

  failed(id: number): void {
    this.#connections.get(id)?.events.failed();
  }

  closed(id: number): void {
    if (!this.#connections.delete(id)) return;
    this.post({ kind: "close", connection: id });
  }
}
