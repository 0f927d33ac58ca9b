import { toHex } from "../engine/engine";
import { chatNameMax, isChatName } from "./types";

/** Who speaks: the same in all streams and tabs of this browser. The private key cannot be read, not even by this page. */
export interface Identity {
  keys: CryptoKeyPair;
  publicKey: Uint8Array<ArrayBuffer>;
  /** As others name it: a hash of the key, 32 hex digits. */
  author: string;
  name: string;
}

const database = "p2p-stream";
const store = "chat";
const record = "identity";

interface Kept {
  keys: CryptoKeyPair;
  name: string;
}

const finished = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the database failed"));
  });

async function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(database, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(store);
  return finished(request);
}

async function change<T>(mode: IDBTransactionMode, what: (objects: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opened = await open();
  try {
    return await finished(what(opened.transaction(store, mode).objectStore(store)));
  } finally {
    opened.close();
  }
}

/** "Guest 7f3a": until somebody chooses a name. */
const guestName = (publicKey: Uint8Array): string => `Guest ${toHex(publicKey.subarray(0, 2))}`;

/** The identity of this browser, made when there is none. Where nothing can be kept it lasts as long as the page. */
export async function loadIdentity(): Promise<Identity> {
  const kept = await change("readonly", (objects) => objects.get(record) as IDBRequest<Kept | undefined>).catch(() => undefined);
  const keys = kept?.keys ?? ((await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"])) as CryptoKeyPair);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey));
  const author = toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", publicKey), 0, 16));
  const identity = { keys, publicKey, author, name: kept && isChatName(kept.name) ? kept.name : guestName(publicKey) };
  if (!kept) await saveIdentity(identity);
  return identity;
}

export async function saveIdentity({ keys, name }: Identity): Promise<void> {
  await change("readwrite", (objects) => objects.put({ keys, name } satisfies Kept, record)).catch(() => {});
}

/** The nearest name that may be one; undefined when nothing is left of it. */
export function fitName(name: string): string | undefined {
  const plain = name
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/gu, "")
    .trim();
  const fit = [...plain].slice(0, chatNameMax).join("").trim();
  return fit === "" ? undefined : fit;
}
