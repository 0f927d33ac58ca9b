import { defaultInset, type Inset, type Scene } from "@p2p-stream/client";

export type SourceProblem = "permission-denied" | "device-missing" | "device-busy" | "insecure-context" | "screen-refused" | "screen-missing";

export interface Devices {
  cameras: MediaDeviceInfo[];
  microphones: MediaDeviceInfo[];
}

export interface Choice {
  /** A device id, "default", or "none". */
  camera: string;
  microphone: string;
}

/** Something that happened to a source without the streamer's doing. */
export interface SourceNews {
  kind: "screen-ended" | "camera-lost" | "camera-back" | "microphone-lost" | "microphone-back";
  /** Of the device. */
  name: string;
  atMs: number;
}

export interface SourcesSnapshot {
  scene: Scene;
  inset: Inset;
  camera: MediaStreamTrack | undefined;
  screen: MediaStreamTrack | undefined;
  microphone: MediaStreamTrack | undefined;
  screenSound: MediaStreamTrack | undefined;
  /** By the streamer's wish: a card is shown. */
  cameraOff: boolean;
  muted: boolean;
  /** Whether a screen that is shared next brings its sound. */
  computerSound: boolean;
  devices: Devices;
  choice: Choice;
  problem: SourceProblem | undefined;
  news: SourceNews | undefined;
}

const cameraConstraints: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const screenConstraints: MediaTrackConstraints = { width: { max: 1920 }, height: { max: 1080 }, frameRate: { ideal: 30 } };

function problemOf(error: unknown): SourceProblem {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "permission-denied";
  if (name === "NotReadableError" || name === "AbortError") return "device-busy";
  return "device-missing";
}

function constraint(device: string, more: MediaTrackConstraints = {}): MediaTrackConstraints | false {
  if (device === "none") return false;
  return device === "default" ? more : { ...more, deviceId: { exact: device } };
}

/** Camera, microphone and screen of a streamer: opened by wish, followed when they vanish and come back, closed by close(). */
export class Sources {
  readonly #listeners = new Set<() => void>();
  #snapshot: SourcesSnapshot = {
    scene: "camera",
    inset: defaultInset,
    camera: undefined,
    screen: undefined,
    microphone: undefined,
    screenSound: undefined,
    cameraOff: false,
    muted: false,
    computerSound: true,
    devices: { cameras: [], microphones: [] },
    choice: { camera: "default", microphone: "default" },
    problem: undefined,
    news: undefined,
  };
  #lost: ("camera" | "microphone")[] = [];
  #closed = true;

  /** Devices that come and go are noticed from now on, until close(). */
  follow(): void {
    this.#closed = false;
    navigator.mediaDevices?.addEventListener("devicechange", this.#onDeviceChange);
  }

  onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  current = (): SourcesSnapshot => this.#snapshot;

  /** Asks for camera and microphone, if that has not been granted yet. */
  async open(choice: Choice = this.#snapshot.choice): Promise<void> {
    this.#set({ problem: undefined, choice });
    if (!navigator.mediaDevices) return this.#set({ problem: "insecure-context" });
    const video = !this.#snapshot.cameraOff && constraint(choice.camera, cameraConstraints);
    const audio = constraint(choice.microphone);
    if (!video) this.#take("camera", undefined);
    if (!audio) this.#take("microphone", undefined);
    if (!video && !audio) return;
    try {
      const opened = await openWhatIsThere(video, audio);
      if (this.#closed) return opened.getTracks().forEach((track) => track.stop());
      this.#take("camera", opened.getVideoTracks()[0]);
      this.#take("microphone", opened.getAudioTracks()[0]);
      this.#lost = [];
      await this.#listDevices();
    } catch (error) {
      this.#set({ problem: problemOf(error) });
    }
  }

  /** True once it is shown; false when the streamer did not choose a screen, and all is as before. */
  async setScene(scene: Scene): Promise<boolean> {
    if (scene !== "camera" && !this.#snapshot.screen && !(await this.#share())) return false;
    this.#set({ scene, problem: undefined });
    if (scene !== "screen" && !this.#snapshot.camera && !this.#snapshot.cameraOff) await this.open();
    return true;
  }

  setInset(inset: Inset): void {
    this.#set({ inset });
  }

  mute(muted: boolean): void {
    this.#set({ muted });
  }

  setComputerSound(computerSound: boolean): void {
    const { screenSound } = this.#snapshot;
    if (screenSound) screenSound.enabled = computerSound;
    this.#set({ computerSound });
  }

  /** The camera's light goes out, too. */
  async setCameraOff(cameraOff: boolean): Promise<void> {
    this.#set({ cameraOff });
    if (cameraOff) this.#take("camera", undefined);
    else await this.open();
  }

  close(): void {
    this.#closed = true;
    navigator.mediaDevices?.removeEventListener("devicechange", this.#onDeviceChange);
    for (const input of ["camera", "microphone", "screen", "screenSound"] as const) this.#take(input, undefined);
  }

  async #share(): Promise<boolean> {
    if (!navigator.mediaDevices?.getDisplayMedia) {
      this.#set({ problem: navigator.mediaDevices ? "screen-missing" : "insecure-context" });
      return false;
    }
    const options = { video: screenConstraints, audio: this.#snapshot.computerSound, systemAudio: "include", selfBrowserSurface: "exclude" };
    try {
      const shared = await navigator.mediaDevices.getDisplayMedia(options);
      this.#take("screen", shared.getVideoTracks()[0]);
      this.#take("screenSound", shared.getAudioTracks()[0]);
      // A screen without a voice is half a stream: the microphone is asked for with it.
      if (!this.#snapshot.microphone && this.#snapshot.choice.microphone !== "none") {
        const sound = await navigator.mediaDevices.getUserMedia({ audio: constraint(this.#snapshot.choice.microphone) }).catch(() => undefined);
        this.#take("microphone", sound?.getAudioTracks()[0]);
        await this.#listDevices();
      }
      return true;
    } catch (error) {
      // Who closes the browser's dialog has changed his mind, which is no problem.
      if (problemOf(error) !== "permission-denied") this.#set({ problem: "screen-refused" });
      return false;
    }
  }

  #take(input: "camera" | "microphone" | "screen" | "screenSound", track: MediaStreamTrack | undefined): void {
    const before = this.#snapshot[input];
    if (before === track) return;
    if (before) {
      before.onended = null;
      before.stop();
    }
    if (track) track.onended = () => this.#ended(input, track);
    this.#set({ [input]: track });
  }

  /** By the browser, the system, or because the device is gone: never by stop(). */
  #ended(input: "camera" | "microphone" | "screen" | "screenSound", track: MediaStreamTrack): void {
    const news = (kind: SourceNews["kind"]) => this.#set({ news: { kind, name: track.label, atMs: Date.now() } });
    this.#take(input, undefined);
    if (input === "screen") {
      this.#take("screenSound", undefined);
      void this.setScene("camera").then(() => news("screen-ended"));
    } else if (input !== "screenSound") {
      this.#lost.push(input);
      news(input === "camera" ? "camera-lost" : "microphone-lost");
    }
  }

  readonly #onDeviceChange = (): void => {
    void this.#listDevices().then(async ({ cameras, microphones }) => {
      for (const input of this.#lost.splice(0)) {
        const { choice } = this.#snapshot;
        const there = (input === "camera" ? cameras : microphones).some(({ deviceId }) => choice[input] === "default" || deviceId === choice[input]);
        if (!there || !(await this.#reopen(input))) this.#lost.push(input);
      }
    });
  };

  async #reopen(input: "camera" | "microphone"): Promise<boolean> {
    const { choice } = this.#snapshot;
    const asked = input === "camera" ? { video: constraint(choice.camera, cameraConstraints) } : { audio: constraint(choice.microphone) };
    const [track] = (await navigator.mediaDevices.getUserMedia(asked).catch(() => undefined))?.getTracks() ?? [];
    if (!track) return false;
    this.#take(input, track);
    this.#set({ news: { kind: `${input}-back`, name: track.label, atMs: Date.now() } });
    return true;
  }

  async #listDevices(): Promise<Devices> {
    const all = await navigator.mediaDevices.enumerateDevices();
    const devices = {
      cameras: all.filter(({ kind }) => kind === "videoinput"),
      microphones: all.filter(({ kind }) => kind === "audioinput"),
    };
    this.#set({ devices });
    return devices;
  }

  #set(change: Partial<SourcesSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** Both if there are both; a machine without a microphone can still show its camera. */
async function openWhatIsThere(video: MediaTrackConstraints | false, audio: MediaTrackConstraints | false): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio });
  } catch (error) {
    if (problemOf(error) !== "device-missing" || !video || !audio) throw error;
    return await navigator.mediaDevices
      .getUserMedia({ video, audio: false })
      .catch(() => navigator.mediaDevices.getUserMedia({ video: false, audio }));
  }
}
