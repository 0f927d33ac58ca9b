/** What was seen in a second. */
export interface SourceLoad {
  frames: number;
  dropped: number;
  /** Pieces that waited for the line until they were of no use. */
  unsentPieces: number;
  uploadBitsPerS: number;
}

export type PauseReason = "machine" | "upload";
export interface Verdict {
  kind: "pause" | "resume";
  why: PauseReason;
  /** What the line carried. */
  uploadBitsPerS: number;
}

/** A tenth of the frames is seen by whoever watches. */
const droppedShare = 0.1;
const overloadedS = 3;
const looksS = 6;
/** A quality takes up to two segments to end: nothing is concluded meanwhile. */
const settlesS = 8;
const calmMinS = 30;
const calmMaxS = 600;

/**
 * When the best quality is left out for the sake of the others, and when it is tried again: after a calm that grows each time that trying again was
 * wrong. Told once a second.
 */
export class QualityGovernor {
  #overloaded: boolean[] = [];
  #unsent: boolean[] = [];
  #settles = 0;
  #calm = 0;
  #calmS = calmMinS;
  #sinceResumedS = Infinity;
  #why: PauseReason = "machine";

  /** `canPause`: several run. `canResume`: one is paused. */
  look({ frames, dropped, unsentPieces, uploadBitsPerS }: SourceLoad, canPause: boolean, canResume: boolean): Verdict | undefined {
    this.#sinceResumedS += 1;
    if (this.#settles > 0) {
      this.#settles -= 1;
      return undefined;
    }
    const machine = dropped > frames * droppedShare;
    const upload = unsentPieces > 0;
    this.#overloaded = [...this.#overloaded, machine].slice(-looksS);
    this.#unsent = [...this.#unsent, upload].slice(-looksS);
    this.#calm = machine || upload ? 0 : this.#calm + 1;
    const count = (seen: boolean[]) => seen.filter(Boolean).length;
    const why = count(this.#unsent) >= overloadedS ? "upload" : count(this.#overloaded) >= overloadedS ? "machine" : undefined;
    if (why && canPause) {
      // Who fell soon after a try is tried later the next time.
      this.#calmS = this.#sinceResumedS < calmMinS ? Math.min(this.#calmS * 2, calmMaxS) : calmMinS;
      this.#why = why;
      return this.#decide({ kind: "pause", why, uploadBitsPerS });
    }
    if (canResume && this.#calm >= this.#calmS) {
      this.#sinceResumedS = 0;
      return this.#decide({ kind: "resume", why: this.#why, uploadBitsPerS });
    }
    return undefined;
  }

  #decide(verdict: Verdict): Verdict {
    this.#overloaded = [];
    this.#unsent = [];
    this.#calm = 0;
    this.#settles = settlesS;
    return verdict;
  }
}
