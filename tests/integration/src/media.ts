import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A folder of this test run's own. */
export const folder = mkdtempSync(path.join(tmpdir(), "p2p-stream-integration-"));
mkdirSync(folder, { recursive: true });

export const inFolder = (name: string): string => path.join(folder, name);

/** hls.js jumps over a hole of this size by itself. */
const gapMaxS = 0.1;

interface Packet {
  codec_type: string;
  pts_time: string;
  duration_time?: string;
}

export interface Media {
  codecs: string[];
  videoS: number;
  audioS: number;
}

function spanWithoutGaps(file: string, kind: string, packets: Packet[]): number {
  const spans = packets
    .filter(({ codec_type }) => codec_type === kind)
    .map(({ pts_time, duration_time }) => ({ from: Number(pts_time), to: Number(pts_time) + Number(duration_time ?? 0) }))
    .sort((a, b) => a.from - b.from);
  let end = spans[0]?.from ?? 0;
  const begin = end;
  for (const { from, to } of spans) {
    assert.ok(from - end <= gapMaxS, `${path.basename(file)}: ${kind} has a hole of ${(from - end).toFixed(3)} s at ${(end - begin).toFixed(3)} s`);
    end = Math.max(end, to);
  }
  return end - begin;
}

/** What a file holds, once it was decoded without a complaint and has no holes. */
export function playable(file: string): Media {
  assert.ok(existsSync(file), `${file} was not written`);
  const decoded = spawnSync("ffmpeg", ["-v", "error", "-xerror", "-i", file, "-f", "null", "-"], { encoding: "utf8" });
  assert.equal(decoded.stderr, "", `${file} does not decode`);
  assert.equal(decoded.status, 0);
  const probe = ["-v", "error", "-show_entries", "packet=codec_type,pts_time,duration_time:stream=codec_name", "-of", "json", file];
  const { packets, streams } = JSON.parse(execFileSync("ffprobe", probe, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 })) as {
    packets: Packet[];
    streams: { codec_name: string }[];
  };
  return {
    codecs: streams.map(({ codec_name }) => codec_name).sort(),
    videoS: spanWithoutGaps(file, "video", packets),
    audioS: spanWithoutGaps(file, "audio", packets),
  };
}

/** A clip of six seconds with a key frame each second. */
export function makeClip(name: string, encoding: string[]): string {
  const file = inFolder(name);
  const input = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"];
  execFileSync("ffmpeg", ["-v", "error", "-y", ...input, "-t", "6", "-pix_fmt", "yuv420p", "-g", "30", ...encoding, file]);
  return file;
}

export const asMp4 = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-c:a", "aac", "-ac", "2", "-movflags", "+faststart"];

/** Arguments of ffmpeg that play a clip again and again, in its own time, to an address. */
export const endlessTs = (clip: string, output: string): string[] => {
  const input = ["-v", "error", "-re", "-stream_loop", "-1", "-i", clip];
  return [...input, "-c", "copy", "-f", "mpegts", output];
};
