import { deltaSchema, streamsSchema, type LiveStream } from "./messages";
import type { Signaling } from "./signaling";

/** The streams that are live, kept up to date by the server's deltas. */
export class StreamList {
  readonly #signaling: Signaling;
  readonly #listeners = new Set<() => void>();
  #streams: readonly LiveStream[] | undefined;
  #subscribers = 0;
  #stop: (() => void)[] = [];

  constructor(signaling: Signaling) {
    this.#signaling = signaling;
  }

  /** Follows the list until the returned function is called. */
  subscribe = (): (() => void) => {
    if (this.#subscribers++ === 0) this.#start();
    return () => {
      if (--this.#subscribers > 0) return;
      for (const stop of this.#stop) stop();
      this.#stop = [];
      this.#signaling.tell("streams:unwatch", {});
    };
  };

  onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** In the order in which they went live, newest first; undefined until the first list came. */
  current = (): readonly LiveStream[] | undefined => this.#streams;

  #start(): void {
    this.#stop = [
      this.#signaling.onConnected(() => {
        this.#signaling
          .request("streams:watch", {}, streamsSchema)
          .then(({ streams }) => this.#set(streams))
          .catch(() => {}); // the connection broke again; onConnected will run anew
      }),
      this.#signaling.on("streams:delta", deltaSchema, ({ added, updated, removed }) => {
        const changed = new Map([...added, ...updated].map((stream) => [stream.id, stream]));
        const kept = (this.#streams ?? []).filter((stream) => !removed.includes(stream.id) && !changed.has(stream.id));
        this.#set([...kept, ...changed.values()]);
      }),
    ];
  }

  #set(streams: readonly LiveStream[]): void {
    this.#streams = [...streams].sort((a, b) => b.startedAt - a.startedAt || a.id.localeCompare(b.id));
    for (const listener of this.#listeners) listener();
  }
}
