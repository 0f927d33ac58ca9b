/** What this browser can encode, found by asking it: names of codecs prove nothing (Debian's Chromium has no AAC, Firefox neither). */

export interface VideoChoice {
  config: VideoEncoderConfig;
}

export interface AudioChoice {
  config: AudioEncoderConfig;
  codec: "opus" | "aac";
}

/** Whether a stream can be made in this browser at all: Firefox has encoders, but gives no frames of a track. */
export const canBroadcast = (): boolean =>
  typeof VideoEncoder !== "undefined" && typeof AudioEncoder !== "undefined" && typeof MediaStreamTrackProcessor !== "undefined";

/** H.264 of rising profile: constrained baseline plays everywhere, high is smaller. The level is the least that holds the picture. */
function h264Codecs(width: number, height: number, framesPerS: number): string[] {
  const blocks = Math.ceil(width / 16) * Math.ceil(height / 16);
  // ITU-T H.264, table A-1: level, macroblocks a frame, macroblocks a second.
  const levels: [string, number, number][] = [
    ["1e", 1_620, 40_500],
    ["1f", 3_600, 108_000],
    ["28", 8_192, 245_760],
    ["2a", 8_704, 522_240],
    ["33", 36_864, 983_040],
  ];
  const level = levels.find(([, frame, second]) => blocks <= frame && blocks * framesPerS <= second)?.[0] ?? "34";
  return [`avc1.6400${level}`, `avc1.4d00${level}`, `avc1.42e0${level}`, `avc1.4200${level}`, "avc1.640028", "avc1.42001f"];
}

export async function chooseVideo(width: number, height: number, framesPerS: number, bitsPerS: number): Promise<VideoChoice | undefined> {
  if (typeof VideoEncoder === "undefined") return undefined;
  for (const codec of h264Codecs(width, height, framesPerS)) {
    const config: VideoEncoderConfig = {
      codec,
      width,
      height,
      bitrate: bitsPerS,
      framerate: framesPerS,
      latencyMode: "realtime",
      avc: { format: "avc" },
    };
    const support = await VideoEncoder.isConfigSupported(config).catch(() => undefined);
    if (support?.supported) return { config };
  }
  return undefined;
}

export async function chooseAudio(sampleRate: number, channels: number): Promise<AudioChoice | undefined> {
  if (typeof AudioEncoder === "undefined") return undefined;
  const choices: AudioChoice[] = [
    { codec: "opus", config: { codec: "opus", sampleRate, numberOfChannels: channels, bitrate: 96_000 } },
    { codec: "aac", config: { codec: "mp4a.40.2", sampleRate, numberOfChannels: channels, bitrate: 128_000 } },
  ];
  for (const choice of choices) {
    const support = await AudioEncoder.isConfigSupported(choice.config).catch(() => undefined);
    if (support?.supported) return choice;
  }
  return undefined;
}

/** A quality of the picture; its width follows from the camera's. */
export interface Quality {
  height: number;
  videoBitsPerS: number;
}

/** What pictures of talking people and of screens look good with in H.264, at 30 frames a second. */
const usualQualities: readonly Quality[] = [
  { height: 1080, videoBitsPerS: 4_500_000 },
  { height: 720, videoBitsPerS: 2_500_000 },
  { height: 480, videoBitsPerS: 1_200_000 },
  { height: 360, videoBitsPerS: 600_000 },
];

/** Those that a picture of this height can be shown in, the best first: its own, and the usual ones below. */
export function qualitiesBelow(height: number): Quality[] {
  const own = usualQualities.find((usual) => usual.height <= height) ?? { height, videoBitsPerS: 400_000 };
  return [{ ...own, height }, ...usualQualities.filter((usual) => usual.height < Math.min(height, own.height))];
}

/** How many of them a machine with so many processors encodes beside all else that it does: the best, and the least for slow lines. */
export function defaultQualities(height: number, processors: number): Quality[] {
  const all = qualitiesBelow(height);
  if (processors <= 2 || all.length === 1) return all.slice(0, 1);
  return processors < 8 ? [all[0], all.at(-1)].filter((quality) => quality !== undefined) : all;
}
