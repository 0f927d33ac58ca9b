/**
 * A timer for the engine that a hidden tab does not slow down: browsers throttle a page's own timers to one a second and later one
 * a minute, a worker's not.
 */
export class WakeTimer {
  readonly #worker: Worker;
  readonly #url: string;
  #set: number | undefined;

  constructor(wake: () => void) {
    const source = `let timer; onmessage = ({ data }) => { clearTimeout(timer); timer = setTimeout(() => postMessage(0), data); };`;
    this.#url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    this.#worker = new Worker(this.#url);
    this.#worker.onmessage = () => {
      this.#set = undefined;
      wake();
    };
  }

  /** Wakes at that instant (performance.now() milliseconds) instead of the one set before. */
  at(instantMs: number): void {
    if (this.#set !== undefined && Math.abs(this.#set - instantMs) < 1) return;
    this.#set = instantMs;
    this.#worker.postMessage(Math.max(0, instantMs - performance.now()));
  }

  stop(): void {
    this.#worker.terminate();
    URL.revokeObjectURL(this.#url);
  }
}
