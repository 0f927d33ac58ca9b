import type { LineState } from "./uplinkWatch";

/** What was seen in a second. */
export interface SourceLoad {
  frames: number;
  dropped: number;
  line: LineState;
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
/** A link that is full says so every other second. One says in ten seconds, in which its viewer leaves what is too much for his line, as much as several in two. */
const lineEvidenceMin = 5;
const lineLooksS = 12;
const lineEvidence: Record<LineState, number> = { free: 0, "perhaps-full": 1, full: 3 };
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
  #line: number[] = [];
  #settles = 0;
  #calm = 0;
  #calmS = calmMinS;
  #sinceResumedS = Infinity;
  #why: PauseReason = "machine";

  /** `canPause`: several run. `canResume`: one is paused. */
  look({ frames, dropped, line, uploadBitsPerS }: SourceLoad, canPause: boolean, canResume: boolean): Verdict | undefined {
    this.#sinceResumedS += 1;
    if (this.#settles > 0) {
      this.#settles -= 1;
      return undefined;
    }
    const machine = dropped > frames * droppedShare;
    this.#overloaded = [...this.#overloaded, machine].slice(-overloadLooksS);
    this.#line = [...this.#line, lineEvidence[line]].slice(-lineLooksS);
    this.#calm = machine || line !== "free" ? 0 : this.#calm + 1;
    const lineIsFull = this.#line.reduce((sum, each) => sum + each, 0) >= lineEvidenceMin;
    const isOverloaded = this.#overloaded.filter(Boolean).length >= overloadedS;
    const why = lineIsFull ? "upload" : isOverloaded ? "machine" : undefined;
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
    this.#line = [];
    this.#calm = 0;
    this.#settles = settlesS;
    return verdict;
  }
}
