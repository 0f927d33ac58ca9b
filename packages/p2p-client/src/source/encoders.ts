/** What this browser can encode, found by asking it: names of codecs prove nothing (Debian's Chromium has no AAC, Firefox neither). */

export interface VideoChoice {
  config: VideoEncoderConfig;
}

export interface AudioChoice {
  config: AudioEncoderConfig;
  codec: "opus" | "aac";
}

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
