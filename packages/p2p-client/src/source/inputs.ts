import { defaultInset, type Card, type Inset, type Scene } from "./scene";

/** What a stream is made of at the moment. Tracks stay the giver's: they are not stopped here. */
export interface BroadcastInputs {
  scene: Scene;
  camera?: MediaStreamTrack | undefined;
  screen?: MediaStreamTrack | undefined;
  microphone?: MediaStreamTrack | undefined;
  /** What the screen's programs play, where the browser gives it. */
  screenSound?: MediaStreamTrack | undefined;
  /** The microphone is not heard. */
  muted?: boolean | undefined;
  inset?: Inset | undefined;
  /** Shown while what the scene needs is not there. */
  card?: Card | undefined;
}

export const defaultCard: Card = { letters: "", ground: "#242422" };

/** Of what getUserMedia gives: its camera and microphone. */
export function inputsOf(media: MediaStream): BroadcastInputs {
  return { scene: "camera", camera: media.getVideoTracks()[0], microphone: media.getAudioTracks()[0], inset: defaultInset, card: defaultCard };
}
