import assert from "node:assert/strict";
import { readFileSync, watch } from "node:fs";
import path from "node:path";
import { patienceMs, Program, startServer, type Server, type Source } from "../../e2e/src/program.ts";
import { folder, inFolder, playable, type Media } from "./media.ts";

export interface Stats {
  hop: number;
  receivedFromPeersBytes: number;
  receivedFromSourceBytes: number;
  partsPlayed: number;
  partsSkipped: number;
  neighbors: { peerId: string }[];
}

export interface Watcher {
  program: Program;
  file: string;
  statsFile: string;
}

export function startWatcher(name: string, url: string, args: string[] = []): Watcher {
  const file = inFolder(`${name}.mp4`);
  const statsFile = inFolder(`${name}.json`);
  const program = Program.start(name, ["watch", url, "-o", file, "--stats-json", statsFile, "-v", ...args]);
  return { program, file, statsFile };
}

export function statsOf({ statsFile }: Watcher): Stats | undefined {
  try {
    return JSON.parse(readFileSync(statsFile, "utf8")) as Stats;
  } catch {
    return undefined; // not written yet
  }
}

/** The first figures of a watcher that fit; they are written each second. */
export function until(watcher: Watcher, what: string, fits: (stats: Stats) => boolean): Promise<Stats> {
  return new Promise((resolve, reject) => {
    const finish = (end: () => void): void => {
      clearTimeout(timer);
      files.close();
      end();
    };
    const look = (): void => {
      const stats = statsOf(watcher);
      if (stats && fits(stats)) finish(() => resolve(stats));
    };
    const files = watch(folder, (_event, name) => {
      if (name === path.basename(watcher.statsFile)) look();
    });
    const timer = setTimeout(() => {
      finish(() => reject(new Error(`never ${what}: ${JSON.stringify(statsOf(watcher))}\n${watcher.program.output.slice(-2000)}`)));
    }, patienceMs);
    look();
  });
}

/** A source of any input; `startSource` of the end-to-end tests shows the test pattern. */
export async function publish(server: Server, args: string[], name = "publish"): Promise<Source> {
  const program = Program.start(name, ["publish", "--server", server.url, ...args]);
  const match = await program.says(/live at (http:\S+\/watch\/([0-9a-f]{20}))/);
  return { program, watchUrl: match[1] ?? "", streamId: match[2] ?? "" };
}

/** What a viewer wrote of `seconds` of a source. */
export async function watched(server: Server, name: string, args: string[], seconds: number): Promise<Media> {
  const source = await publish(server, args, `publish-${name}`);
  const watcher = startWatcher(`watch-${name}`, source.watchUrl, ["--duration", String(seconds)]);
  assert.equal(await watcher.program.exited, 0, watcher.program.output);
  assert.equal(await source.program.stop("SIGINT"), 0, source.program.output);
  return playable(watcher.file);
}

/** Small enough for several at once on two cores. */
export const smallPattern = ["--test-pattern", "--width", "320", "--height", "180", "--video-bitrate", "300k"];

/** Runs a story with a server of its own. */
export async function withServer(story: (server: Server) => Promise<void>): Promise<void> {
  const server = await startServer();
  try {
    await story(server);
  } finally {
    await server.program.stop();
  }
}
