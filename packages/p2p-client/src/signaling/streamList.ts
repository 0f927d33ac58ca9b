import type { AnswerTo, EventOf, LiveStream, StreamFilter } from "./messages";
import type { Signaling } from "./signaling";

/** The streams that are live and wanted, kept up to date by the server's deltas. */
export class StreamList {
  readonly #signaling: Signaling;
  readonly #listeners = new Set<() => void>();
  #filter: StreamFilter;
  #listedFor: StreamFilter | undefined;
  #streams: readonly LiveStream[] | undefined;
  #total = 0;
  #subscribers = 0;
  #stop: (() => void)[] = [];

  /** Without a filter: the newest. */
  constructor(signaling: Signaling, filter: StreamFilter = { sort: "newest" }) {
    this.#signaling = signaling;
    this.#filter = filter;
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

  /** In the order of the filter's `sort`; undefined until the first list came. */
  current = (): readonly LiveStream[] | undefined => this.#streams;

  /** The filter that the present list is of: after setFilter for a moment still the former one. */
  get listedFor(): StreamFilter | undefined {
    return this.#listedFor;
  }

  /** How many are wanted, also those beyond the filter's `limit`. */
  get total(): number {
    return this.#total;
  }

  /** Others are wanted from now on. The list stays as it is until the server has answered. */
  setFilter(filter: StreamFilter): void {
    this.#filter = filter;
    if (this.#subscribers > 0 && this.#signaling.connected) this.#watch();
  }

  #start(): void {
    this.#stop = [this.#signaling.onConnected(() => this.#watch()), this.#signaling.on("streams:delta", (delta) => this.#apply(delta))];
  }

  #watch(): void {
    const filter = this.#filter;
    // Deltas of the former filter come before the answer, those of the new one after it: so it is taken at once.
    const taken = ({ streams, total }: AnswerTo<"streams:watch">) => {
      if (filter !== this.#filter) return;
      this.#listedFor = filter;
      this.#set(streams, total);
    };
    this.#signaling.request("streams:watch", filter, taken).catch(() => {}); // the connection broke again; onConnected will run anew
  }

  #apply({ added, updated, removed, total }: EventOf<"streams:delta">): void {
    const streams = new Map(this.#streams?.map((stream) => [stream.id, stream]));
    for (const id of removed) streams.delete(id);
    for (const stream of [...added, ...updated]) streams.set(stream.id, stream);
    this.#set([...streams.values()], total);
  }

  #set(streams: readonly LiveStream[], total: number): void {
    const newest = (a: LiveStream, b: LiveStream) => b.startedAt - a.startedAt || a.id.localeCompare(b.id);
    const order = this.#filter.sort === "newest" ? newest : (a: LiveStream, b: LiveStream) => b.viewers - a.viewers || newest(a, b);
    this.#streams = [...streams].sort(order);
    this.#total = total;
    for (const listener of this.#listeners) listener();
  }
}
