import type { MeshSample } from "../signaling/messages";
import type { Signaling } from "../signaling/signaling";

/** The server makes a sample anew every five seconds. */
const sampleEveryMs = 5_000;

/** Who watches, as the server and the viewers say. Told of every second by tick(). */
export class Audience {
  readonly #signaling: Signaling;
  #viewers: number | undefined;
  #viewersPeak = 0;
  #deliveredBytes = 0;
  #latest: MeshSample | undefined;
  #latestAtMs = 0;
  #askedAtMs = 0;
  #stopped = false;

  constructor(signaling: Signaling) {
    this.#signaling = signaling;
  }

  /** Undefined until the server has said so. */
  get viewers(): number | undefined {
    return this.#viewers;
  }
  get viewersPeak(): number {
    return this.#viewersPeak;
  }
  get deliveredBytes(): number {
    return this.#deliveredBytes;
  }

  tick(): void {
    if (Date.now() - this.#askedAtMs >= sampleEveryMs && this.#signaling.connected) void this.#ask();
  }

  /** At most five seconds old, if there is one to be had. */
  async sample(): Promise<MeshSample | undefined> {
    if (Date.now() - this.#latestAtMs > sampleEveryMs) await this.#ask();
    return this.#latest;
  }

  stop(): void {
    this.#stopped = true;
  }

  async #ask(): Promise<void> {
    this.#askedAtMs = Date.now();
    const sample = await this.#signaling.request("mesh:sample", {}).catch(() => undefined);
    if (!sample || this.#stopped) return;
    const sinceMs = this.#latestAtMs === 0 ? 0 : Math.min(Date.now() - this.#latestAtMs, 3 * sampleEveryMs);
    this.#latest = sample;
    this.#latestAtMs = Date.now();
    this.#viewers = sample.total - 1;
    this.#viewersPeak = Math.max(this.#viewersPeak, this.#viewers);
    // The sample is even: what it leaves out receives as much.
    const shown = sample.peers.slice(1);
    const bitsPerS = shown.reduce((sum, { receivedBitsPerS }) => sum + receivedBitsPerS, 0);
    if (shown.length > 0) this.#deliveredBytes += ((bitsPerS * this.#viewers) / shown.length / 8) * (sinceMs / 1_000);
  }
}
