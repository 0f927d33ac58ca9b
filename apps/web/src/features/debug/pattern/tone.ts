export const toneHz = 440;

const quiet = 0.1;

/** A tone as a track to publish; heard here only when asked for. */
export class Tone {
  readonly #context = new AudioContext();
  readonly #gain = this.#context.createGain();
  readonly #out = this.#context.createMediaStreamDestination();
  readonly #oscillator = this.#context.createOscillator();

  constructor() {
    this.#oscillator.frequency.value = toneHz;
    this.#gain.gain.value = quiet;
    this.#oscillator.connect(this.#gain).connect(this.#out);
    this.#oscillator.start();
    void this.#context.resume();
  }

  get track(): MediaStreamTrack | undefined {
    return this.#out.stream.getAudioTracks()[0];
  }

  set heard(heard: boolean) {
    if (heard) this.#gain.connect(this.#context.destination);
    else if (this.#context.state !== "closed") {
      this.#gain.disconnect();
      this.#gain.connect(this.#out);
    }
  }

  stop(): void {
    this.#oscillator.stop();
    void this.#context.close();
  }
}
