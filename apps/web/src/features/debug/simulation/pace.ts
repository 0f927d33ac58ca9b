/** A page that was held up for longer does not hurry after the time it lost. */
const arrearsMsMax = 250;
const measuredOverMs = 2_000;

export type Speed = 1 | 2 | 10 | "max";

/** How much virtual time is due as real time goes by, and how much of it was reached. Times in milliseconds. */
export class Pace {
  #speed: Speed = 1;
  #lastMs: number | undefined;
  #dueMs = 0;
  #reached: { atMs: number; virtualMs: number }[] = [];

  set speed(speed: Speed) {
    this.#speed = speed;
    this.#dueMs = 0;
    this.#reached = [];
  }

  /** Virtual time that should pass now. */
  due(nowMs: number): number {
    const realMs = Math.min(nowMs - (this.#lastMs ?? nowMs), arrearsMsMax);
    this.#lastMs = nowMs;
    if (this.#speed === "max") return Infinity;
    this.#dueMs = Math.min(this.#dueMs + realMs * this.#speed, arrearsMsMax * this.#speed);
    return this.#dueMs;
  }

  reached(virtualMs: number, nowMs: number): void {
    this.#dueMs = Math.max(this.#dueMs - virtualMs, 0);
    this.#reached.push({ atMs: nowMs, virtualMs });
    while (this.#reached.length > 2 && nowMs - (this.#reached[0]?.atMs ?? nowMs) > measuredOverMs) this.#reached.shift();
  }

  /** Virtual seconds a second, lately. */
  rate(): number {
    const [first, ...rest] = this.#reached;
    const last = rest.at(-1);
    if (!first || !last || last.atMs <= first.atMs) return 0;
    return rest.reduce((sum, { virtualMs }) => sum + virtualMs, 0) / (last.atMs - first.atMs);
  }

  /** After a pause: the time in between is not due. */
  resume(): void {
    this.#lastMs = undefined;
    this.#dueMs = 0;
    this.#reached = [];
  }
}
