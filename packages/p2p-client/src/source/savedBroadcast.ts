import * as v from "valibot";
import type { BroadcastDetails } from "./broadcast";
import type { StudioSettings } from "./studio";

/** For how long the server keeps a stream whose source is gone (docs/signaling.md). */
export const resumableForMs = 60_000;

/** What a source needs to go on with its stream after its page was loaded anew. The private key cannot be taken out of it. */
export interface SavedBroadcast {
  streamId: string;
  keys: CryptoKeyPair;
  publicKey: Uint8Array<ArrayBuffer>;
  peerSecret: string;
  details: BroadcastDetails;
  settings: StudioSettings;
  liveSinceMs: number;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Written again and again, and in the last moment of a page, which has no time for a database. */
const progressSchema = v.object({
  streamId: v.string(),
  savedAtMs: count,
  segment: count,
  mediaTimeUs: count,
  /** The next piece of each rendition, by its id. */
  pieces: v.array(count),
});
export type SavedProgress = v.InferOutput<typeof progressSchema>;

const databaseName = "p2p-stream";
const storeName = "broadcast";
const recordName = "last";
const progressName = "p2p-stream.broadcast";
const lockName = "p2p-stream.broadcast";

const done = <Result>(request: IDBRequest<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the database failed"));
  });

async function store(mode: IDBTransactionMode): Promise<IDBObjectStore> {
  const opening = indexedDB.open(databaseName, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(storeName);
  return (await done(opening)).transaction(storeName, mode).objectStore(storeName);
}

/** Keeps the stream of this page for a reload by mistake. Where the browser keeps nothing (private windows of some), nothing is resumed. */
export const broadcastMemory = {
  async keep(saved: SavedBroadcast): Promise<void> {
    await done((await store("readwrite")).put(saved, recordName)).catch(() => {});
  },

  keepProgress(progress: SavedProgress): void {
    try {
      localStorage.setItem(progressName, JSON.stringify(progress));
    } catch {
      // Full, or not allowed.
    }
  },

  async forget(): Promise<void> {
    localStorage.removeItem(progressName);
    await store("readwrite")
      .then((records) => done(records.delete(recordName)))
      .catch(() => {});
  },

  /** A stream that was left less than a minute ago and that no other tab of this browser goes on with. */
  async find(): Promise<(SavedBroadcast & { progress: SavedProgress }) | undefined> {
    try {
      const progress = v.parse(progressSchema, JSON.parse(localStorage.getItem(progressName) ?? "null"));
      if (Date.now() - progress.savedAtMs > resumableForMs) return undefined;
      const saved = (await done((await store("readonly")).get(recordName))) as SavedBroadcast | undefined;
      if (saved?.streamId !== progress.streamId) return undefined;
      const free = await navigator.locks.request(lockName, { ifAvailable: true }, (lock) => lock !== null);
      return free ? { ...saved, progress } : undefined;
    } catch {
      return undefined;
    }
  },

  /** No other tab offers to go on with it until the returned function is called. */
  hold(): () => void {
    let release = () => {};
    void navigator.locks.request(lockName, () => new Promise<void>((resolve) => (release = resolve))).catch(() => {});
    return () => release();
  },
};
