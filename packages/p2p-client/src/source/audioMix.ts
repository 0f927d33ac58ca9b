export type SoundInput = "microphone" | "screen";

interface Channel {
  track: MediaStreamTrack;
  source: MediaStreamAudioSourceNode;
  gain: GainNode;
}

/** A change of loudness within so much is no click. */
const rampS = 0.02;

/** The stream's sound: microphone and the screen's sound in one graph, so that both come and go while the sound never stops. Silence without either. */
export class AudioMix {
  readonly #context: AudioContext;
  readonly #destination: MediaStreamAudioDestinationNode;
  readonly #channels = new Map<SoundInput, Channel>();
  #muted = false;

  constructor() {
    // Nothing is to be heard here, and a machine without a loudspeaker can stream, too (where the browser knows `sinkId`).
    this.#context = new AudioContext({ sampleRate: 48_000, latencyHint: "interactive", sinkId: { type: "none" } } as AudioContextOptions);
    this.#destination = this.#context.createMediaStreamDestination();
    this.#context.onstatechange = () => void this.#go();
    void this.#go();
  }

  get track(): MediaStreamTrack {
    const [track] = this.#destination.stream.getAudioTracks();
    if (!track) throw new Error("no sound to mix into");
    return track;
  }

  setInput(input: SoundInput, track: MediaStreamTrack | undefined): void {
    const present = this.#channels.get(input);
    if (present?.track === track) return;
    present?.source.disconnect();
    present?.gain.disconnect();
    this.#channels.delete(input);
    if (!track) return;
    const source = this.#context.createMediaStreamSource(new MediaStream([track]));
    const gain = this.#context.createGain();
    gain.gain.value = input === "microphone" && this.#muted ? 0 : 1;
    source.connect(gain).connect(this.#destination);
    this.#channels.set(input, { track, source, gain });
  }

  /** Of the microphone alone. */
  mute(muted: boolean): void {
    if (this.#muted === muted) return;
    this.#muted = muted;
    this.#channels.get("microphone")?.gain.gain.setTargetAtTime(muted ? 0 : 1, this.#context.currentTime, rampS);
  }

  stop(): void {
    this.#context.onstatechange = null;
    void this.#context.close();
  }

  /** Browsers hold a context back until somebody has pressed something, and after a sleep. */
  async #go(): Promise<void> {
    if (this.#context.state === "running" || this.#context.state === "closed") return;
    await this.#context.resume().catch(() => {});
  }
}
