import { toHex } from "../engine/engine";

/** WebCrypto exists in secure contexts only (https, or http on localhost). */
export function cryptoAvailable(): boolean {
  return globalThis.isSecureContext !== false && globalThis.crypto?.subtle !== undefined;
}

export async function pieceDigest(bytes: BufferSource): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes), 0, 16);
}

export async function streamIdOf(publicKey: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", publicKey), 0, 10));
}

export const importPublicKey = (raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);

export const checkSignature = (key: CryptoKey, signature: BufferSource, message: BufferSource): Promise<boolean> =>
  crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);

/** The keys of those who speak in the chat: at most so many are kept, those that spoke last. */
export class AuthorKeys {
  static readonly #most = 256;
  readonly #keys = new Map<string, Promise<CryptoKey>>();

  /** Of views into memory that may change after the call. */
  async check(raw: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const [signatureCopy, messageCopy] = [signature.slice(), message.slice()];
    return checkSignature(await this.#key(raw.slice()), signatureCopy, messageCopy);
  }

  #key(raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
    const name = toHex(raw);
    const key = this.#keys.get(name) ?? importPublicKey(raw);
    this.#keys.delete(name);
    this.#keys.set(name, key);
    const [oldest] = this.#keys.keys();
    if (this.#keys.size > AuthorKeys.#most && oldest !== undefined) this.#keys.delete(oldest);
    return key;
  }
}

export const randomHex = (bytes: number): string => toHex(crypto.getRandomValues(new Uint8Array(bytes)));

export const randomSeed = (): bigint => crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;
