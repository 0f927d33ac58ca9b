/** What was seen in a second. */
export interface SourceLoad {
  frames: number;
  dropped: number;
  /** The source's line takes less than is sent. */
  lineFull: boolean;
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
const overloadLooksS = 6;
/** Longer than a viewer takes to leave a quality that is too much for its own line. */
const lineFullS = 8;
const lineLooksS = 12;
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
  #full: boolean[] = [];
  #settles = 0;
  #calm = 0;
  #calmS = calmMinS;
  #sinceResumedS = Infinity;
  #why: PauseReason = "machine";

  /** `canPause`: several run. `canResume`: one is paused. */
  look({ frames, dropped, lineFull, uploadBitsPerS }: SourceLoad, canPause: boolean, canResume: boolean): Verdict | undefined {
    this.#sinceResumedS += 1;
    if (this.#settles > 0) {
      this.#settles -= 1;
      return undefined;
    }
    const machine = dropped > frames * droppedShare;
    this.#overloaded = [...this.#overloaded, machine].slice(-overloadLooksS);
    this.#full = [...this.#full, lineFull].slice(-lineLooksS);
    this.#calm = machine || lineFull ? 0 : this.#calm + 1;
    const count = (seen: boolean[]) => seen.filter(Boolean).length;
    const why = count(this.#full) >= lineFullS ? "upload" : count(this.#overloaded) >= overloadedS ? "machine" : undefined;
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
    this.#full = [];
    this.#calm = 0;
    this.#settles = settlesS;
    return verdict;
  }
}
