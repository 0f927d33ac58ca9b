/**
 * Keeps the picture at a chosen distance behind the newest part: hls.js hardly corrects it once playback runs. Small errors are
 * mended by playing 0.95 to 1.1 times as fast, which nobody hears; more than a second by a jump.
 */
export interface RateTarget {
  /** Seconds between the end of what has arrived and the playhead. */
  bufferS: number;
}

const jumpS = 1;
const tolerance = 0.04;
const rateMin = 0.95;
const rateMax = 1.1;
const rateSteps = 100;

export type RateDecision = { rate: number } | { jumpToS: number };

/** The newest stretch of what is in the buffer. */
export interface Buffered {
  startS: number;
  endS: number;
}

/** What to do when the playhead is at `currentS`. A jump never ends before the stretch: nothing comes to fill the hole there. */
export function decideRate(currentS: number, { startS, endS }: Buffered, target: RateTarget): RateDecision {
  const error = endS - currentS - target.bufferS;
  if (error > jumpS) return { jumpToS: Math.max(startS, endS - target.bufferS) };
  if (Math.abs(error) < tolerance) return { rate: 1 };
  // Proportional: a quarter of a second too late is mended within about three. In steps, since setting a rate costs the element more
  // than the precision is worth.
  return { rate: Math.min(rateMax, Math.max(rateMin, 1 + Math.round(error * 0.4 * rateSteps) / rateSteps)) };
}
