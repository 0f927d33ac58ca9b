import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { framesAdvance, launchBrowser, openViewer, statsOf, type Viewer, type ViewerStats } from "../../tests/e2e/src/browser.ts";
import { startServer, startSource } from "../../tests/e2e/src/program.ts";
import { goLive } from "./browserSource.ts";
import { percentile, writeReport } from "./report.ts";
import { sampleTimecodes } from "./timecode.ts";

const viewersWanted = Number(process.env.VIEWERS ?? 4);
const seconds = Number(process.env.SECONDS_MEASURED ?? 60);
const connectionsMax = process.env.CONNECTIONS_MAX ?? "20";
/** "program": p2p-stream publish; "browser": the Broadcast page, in a browser of its own, with all qualities that it proposes. */
const sourceKind = process.env.SOURCE === "browser" ? "browser" : "program";
const cameraHeight = Number(process.env.CAMERA_HEIGHT ?? 480);
const warmUpMs = 10_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** CPU seconds of all processes that this bench's browser started, by /proc. */
function browserCpuSeconds(): number {
  const ids = execFileSync("pgrep", ["-x", "chromium"], { encoding: "utf8" }).trim().split("\n");
  let ticks = 0;
  for (const id of ids) {
    try {
      const fields = readFileSync(`/proc/${id}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // it ended between the two calls
    }
  }
  return ticks / 100;
}

const browser = await launchBrowser();
const server = await startServer();
const studio = sourceKind === "browser" ? await launchBrowser() : undefined;
const live = studio && (await goLive(studio, server.url, cameraHeight));
const source = live ? undefined : await startSource(server, ["--connections-max", connectionsMax]);
const watchUrl = live?.watchUrl ?? `${server.url}/watch/${source?.streamId}`;
// The stream has been running for a while when the first viewer comes, as in life.
await pause(3_000);

const viewers: Viewer[] = [];
const firstFrames: number[] = [];
for (let i = 0; i < viewersWanted; ++i) {
  const viewer = await openViewer(await browser.newContext(), watchUrl, `viewer-${i + 1}`);
  await framesAdvance(viewer, 1);
  viewers.push(viewer);
  const shown = await statsOf(viewer);
  // From the start of the navigation: what a person waits.
  const offset = await viewer.page.evaluate(() => (globalThis as unknown as { p2pStream: { startedMs?: number } }).p2pStream.startedMs ?? 0);
  firstFrames.push((shown?.firstFrameMs ?? Number.NaN) + offset);
  console.log(`viewer ${i + 1}: first frame after ${Math.round(firstFrames.at(-1) ?? 0)} ms`, JSON.stringify(shown?.firstFrameSteps));
}
await pause(warmUpMs);

const before = (await Promise.all(viewers.map(statsOf))) as ViewerStats[];
const cpuBefore = browserCpuSeconds();
await Promise.all(viewers.map(({ page }) => page.evaluate(sampleTimecodes)));
await pause(seconds * 1_000);
const samples = await Promise.all(
  viewers.map(({ page }) =>
    page.evaluate(() => (globalThis as unknown as { stopSampling(): { delays: number[]; frozenMs: number; unreadable: number } }).stopSampling()),
  ),
);
const cpu = browserCpuSeconds() - cpuBefore;
const after = (await Promise.all(viewers.map(statsOf))) as ViewerStats[];

const grew = (key: "receivedFromPeersBytes" | "receivedFromSourceBytes" | "stalls" | "droppedFrames" | "partsSkipped") =>
  after.reduce((sum, stats, i) => sum + stats[key] - (before[i]?.[key] ?? 0), 0);
const fromPeers = grew("receivedFromPeersBytes");
const fromSource = grew("receivedFromSourceBytes");
const delays = samples.flatMap((sample) => sample.delays);
const result = {
  source: sourceKind,
  ...(live && { qualities: live.qualities }),
  viewers: viewersWanted,
  browser: browser.version(),
  glass_ms: { p50: Math.round(percentile(delays, 0.5)), p95: Math.round(percentile(delays, 0.95)) },
  first_frame_ms: { p50: Math.round(percentile(firstFrames, 0.5)), p95: Math.round(percentile(firstFrames, 0.95)) },
  share_from_peers: Number((fromPeers / (fromPeers + fromSource)).toFixed(4)),
  // All that the viewers received is so many copies of the stream; the source sent this part of it.
  source_copies: Number(((fromSource / (fromPeers + fromSource)) * viewersWanted).toFixed(3)),
  stalls: grew("stalls"),
  frozen_ms: Math.round(samples.reduce((sum, { frozenMs }) => sum + frozenMs, 0)),
  parts_skipped: grew("partsSkipped"),
  dropped_frames: grew("droppedFrames"),
  timecodes_read: delays.length,
  timecodes_unreadable: samples.reduce((sum, { unreadable }) => sum + unreadable, 0),
  seconds,
  viewer_cpu_percent: Math.round((cpu / seconds / viewersWanted) * 100),
};
writeReport(sourceKind === "browser" ? "e2e-browser" : "e2e", result);
console.log(JSON.stringify(result, null, 2));

await browser.close();
await studio?.close();
await source?.program.stop("SIGINT");
await server.program.stop();
