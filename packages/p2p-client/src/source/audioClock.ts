/** How far the two clocks may run apart, a hundredth of a percent, in microseconds for each frame of 10 ms. */
const driftUs = 1;
/** So much later than the clock says, for so many frames in a row, is no jitter: the sound stood still. */
const jumpUs = 250_000;
const jumpFrames = 50;

/**
 * Puts sound on the clock of the pictures. Frames of sound are stamped by a clock of their own, and come late by what the page was
 * busy with: the one that came soonest tells most.
 */
export class AudioClock {
  #offsetUs: number | undefined;
  #lateFrames = 0;

  /** A frame that ends at `endUs` of its own clock came at `arrivedUs` of the pictures' clock. True: sound begins anew after a pause. */
  arrived(endUs: number, arrivedUs: number): boolean {
    const offsetUs = arrivedUs - endUs;
    if (this.#offsetUs === undefined || offsetUs <= this.#offsetUs) {
      // Sooner by more than any jitter: its clock began anew.
      const anew = this.#offsetUs !== undefined && this.#offsetUs - offsetUs > jumpUs;
      this.#offsetUs = offsetUs;
      this.#lateFrames = 0;
      return anew;
    }
    this.#lateFrames = offsetUs - this.#offsetUs > jumpUs ? this.#lateFrames + 1 : 0;
    if (this.#lateFrames >= jumpFrames) {
      this.#offsetUs = offsetUs;
      this.#lateFrames = 0;
      return true;
    }
    this.#offsetUs += driftUs;
    return false;
  }

  /** An instant of the sound's clock on the pictures' clock. */
  at(timestampUs: number): number {
    return timestampUs + (this.#offsetUs ?? 0);
  }
}
