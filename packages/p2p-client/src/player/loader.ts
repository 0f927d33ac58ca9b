import type { HlsConfig, Loader, LoaderCallbacks, LoaderConfiguration, LoaderContext, LoaderStats } from "hls.js";
import type { PartStore } from "./partStore";

/** The address that hls.js believes to load from; nothing goes over HTTP. */
export const playlistUrl = "p2p://stream/live.m3u8";

/** A timing that says nothing: loads come from memory, and rates measured on them would be fiction. */
function emptyStats(): LoaderStats {
  const now = performance.now();
  return {
    aborted: false,
    loaded: 0,
    retry: 0,
    total: 0,
    chunkCount: 0,
    bwEstimate: 0,
    loading: { start: now, first: 0, end: 0 },
    parsing: { start: 0, end: 0 },
    buffering: { start: 0, first: 0, end: 0 },
  };
}

/** A loader class for hls.js that answers playlists and parts from `store`; a blocking playlist reload waits for its part. */
export function loaderFor(store: PartStore): new (config: HlsConfig) => Loader<LoaderContext> {
  return class PartLoader implements Loader<LoaderContext> {
    context: LoaderContext | null = null;
    stats = emptyStats();
    #abort = new AbortController();
    #callbacks: LoaderCallbacks<LoaderContext> | undefined;

    load(context: LoaderContext, _config: LoaderConfiguration, callbacks: LoaderCallbacks<LoaderContext>): void {
      this.context = context;
      this.#callbacks = callbacks;
      this.stats = emptyStats();
      // The answer comes in a later task: hls.js resets its buffer when it comes within load().
      void this.#answer(context).then((data) => setTimeout(() => this.#finish(context, callbacks, data)));
    }

    abort(): void {
      this.#abort.abort();
      this.stats.aborted = true;
      if (this.context) this.#callbacks?.onAbort?.(this.stats, this.context, null);
    }

    destroy(): void {
      this.#abort.abort();
      this.#callbacks = undefined;
    }

    async #answer(context: LoaderContext): Promise<string | ArrayBuffer | undefined> {
      const url = new URL(context.url);
      const name = url.pathname.split("/").at(-1) ?? "";
      if (name.endsWith(".m3u8")) {
        const sequence = url.searchParams.get("_HLS_msn");
        const part = url.searchParams.get("_HLS_part");
        if (sequence !== null) await store.waitForListed(Number(sequence), Number(part ?? 0), this.#abort.signal);
        else await store.waitForAny(this.#abort.signal);
        return store.playlist();
      }
      const header = /^init(\d+)\.mp4$/.exec(name);
      if (header) return store.header(Number(header[1]))?.slice().buffer;
      const match = /^s(\d+)(?:\.p(\d+)|(\.rest))?\.m4s$/.exec(name);
      if (!match) return undefined;
      const segment = Number(match[1]);
      if (match[2] === undefined) return store.segment(segment, match[3] === undefined ? 0 : 1)?.buffer;
      const part = Number(match[2]);
      await store.waitFor(segment, part, this.#abort.signal);
      return store.part(segment, part)?.slice().buffer; // hls.js transfers what it gets
    }

    #finish(context: LoaderContext, callbacks: LoaderCallbacks<LoaderContext>, data: string | ArrayBuffer | undefined): void {
      if (this.#abort.signal.aborted) return;
      if (data === undefined) {
        callbacks.onError({ code: 404, text: "not in the window any more" }, context, null, this.stats);
        return;
      }
      const now = performance.now();
      const size = typeof data === "string" ? data.length : data.byteLength;
      this.stats.loading.first = this.stats.loading.end = now;
      this.stats.loaded = this.stats.total = size;
      callbacks.onSuccess({ url: context.url, data, code: 200 }, this.stats, context, null);
    }
  };
}
