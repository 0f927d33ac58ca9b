/** A source that pauses for longer is taken for one that delivers so rarely: parts of 200 ms want some frames. */
const intervalMaxUs = 66_667;
/** More often than this many times the rate of the stream no frame is made. */
const fastest = 0.6;
/** So late a frame does not come any more. */
const late = 1.5;

/**
 * When a frame of the stream is due. Its leading source sets the pace: cameras slow down in the dark, and a screen on which nothing moves delivers
 * nothing. What does not come in time is filled with what is there.
 */
export class FramePace {
  readonly #frameUs: number;
  #intervalUs: number;
  #arrivedAtUs: number | undefined;
  #madeAtUs = -Infinity;

  constructor(framesPerS: number) {
    this.#frameUs = 1e6 / framesPerS;
    this.#intervalUs = this.#frameUs;
  }

  get frameUs(): number {
    return this.#frameUs;
  }

  /** Another source leads. */
  reset(): void {
    this.#intervalUs = this.#frameUs;
    this.#arrivedAtUs = undefined;
  }

  /** The leading source delivered: whether a frame is made of it now. */
  arrived(nowUs: number): boolean {
    if (this.#arrivedAtUs !== undefined) {
      const intervalUs = Math.min(Math.max(nowUs - this.#arrivedAtUs, this.#frameUs), intervalMaxUs);
      this.#intervalUs += (intervalUs - this.#intervalUs) / 8;
    }
    this.#arrivedAtUs = nowUs;
    return nowUs - this.#madeAtUs > fastest * this.#frameUs;
  }

  /** It has not delivered for so long that a frame is made without it. */
  overdue(nowUs: number): boolean {
    return nowUs - this.#madeAtUs > late * this.#intervalUs;
  }

  made(nowUs: number): void {
    this.#madeAtUs = nowUs;
  }
}
