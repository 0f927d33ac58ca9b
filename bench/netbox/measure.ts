import { writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { artifactsPath } from "../../tests/e2e/src/program.ts";
import { Netbox, readJson } from "../../tests/netbox/src/netbox.ts";
import { NativeViewer, readParts, startServer, startSource, until, type PeerStats } from "../../tests/netbox/src/peers.ts";
import { percentile } from "../e2e/report.ts";
import { partFigures, streamFigures } from "./figures.ts";
import { processorTime, processorUse } from "./processors.ts";
import { hostOf, scenarioOf, type Person, type World } from "./world.ts";

const audioBitsPerS = 64_000;
const settleMs = 4_000; // after the window, for its last parts to arrive
const lookEveryMs = 2_000;

const sums = {
  receivedFromPeersBytes: 0,
  receivedFromSourceBytes: 0,
  duplicateBytes: 0,
  piecesRepaired: 0,
  piecesVerified: 0,
  controlSentBytes: 0,
  partsSkipped: 0,
};
type NumericKey = keyof typeof sums;

/** Real peers in the world, from the first join to its end; figures of what lies behind the warm-up. */
export async function measureInBox(world: World, people: Person[], seed: number) {
  const box = await Netbox.open(scenarioOf(world, people, seed));
  try {
    const server = await startServer(box, "server");
    const source = await startSource(box, server, hostOf(0), {
      connectionsMax: world.source_connections,
      videoBitsPerS: world.bits_per_s - audioBitsPerS,
      uploadBitsPerS: world.source_upload_bits_per_s,
    });
    const sourceStats = (): PeerStats | undefined => {
      try {
        return readJson<PeerStats>(source.statsFile);
      } catch {
        return undefined; // not written yet
      }
    };
    await until("the source makes parts", () => sourceStats() !== undefined);

    const began = Date.now();
    const viewers: NativeViewer[] = [];
    for (const [i, { joins_ms, upload_bits_per_s }] of people.entries()) {
      if (i === 0) continue;
      await pause(Math.max(0, began + joins_ms - Date.now()));
      const known = Math.max(10_000, Math.round((upload_bits_per_s * world.upload_known_percent) / 100));
      viewers.push(new NativeViewer(box, source, hostOf(i), world.upload_known_percent > 0 ? ["--upload-max", String(known)] : []));
    }
    const snapshot = () => {
      const total = { ...sums };
      const source = sourceStats();
      for (const stats of [source, ...viewers.map((viewer) => viewer.stats())]) {
        for (const key of Object.keys(sums) as NumericKey[]) total[key] += stats?.[key] ?? 0;
      }
      return { ...total, givenBySourceBytes: source?.givenBytes ?? 0, producedBytes: source?.producedBytes ?? 0 };
    };

    const fromMs = began + world.measured_from_ms;
    const untilMs = began + world.length_ms;
    await pause(fromMs - Date.now());
    const before = snapshot();
    const processorBefore = processorTime();
    const hops: number[] = [];
    for (let at = fromMs; at < untilMs; at += lookEveryMs) {
      await pause(Math.min(at + lookEveryMs, untilMs) - Date.now());
      for (const viewer of viewers) hops.push(...(viewer.stats()?.stripeHops ?? []).filter((hop) => hop > 0));
    }
    const after = snapshot();
    const processors = processorUse(processorBefore, processorTime());
    await pause(settleMs);

    const logs = viewers.map((viewer) => ({ startedMs: viewer.startedMs, parts: viewer.parts() }));
    const seen = logs.filter(({ parts }) => parts.length > 0);
    const firstFrames = seen.map(({ startedMs, parts }) => (parts[0]?.receivedMs ?? Number.NaN) - startedMs);
    const grew = (key: keyof typeof before) => after[key] - before[key];
    const fromPeers = grew("receivedFromPeersBytes");
    const received = fromPeers + grew("receivedFromSourceBytes");
    const produced = grew("producedBytes");
    const share = (part: number, whole: number) => Number((part / whole).toFixed(4));
    const { late_us, sites } = await box.stats();
    writeFileSync(path.join(artifactsPath, "router-stats.json"), JSON.stringify(sites, null, 1)); // which lines were too narrow
    return {
      viewers: viewers.length,
      viewers_without_picture: viewers.length - seen.length,
      seconds: (world.length_ms - world.measured_from_ms) / 1000,
      stream: streamFigures(readParts(source.partsFile)),
      ...partFigures(logs, fromMs, untilMs),
      first_frame_ms: { p50: percentile(firstFrames, 0.5), p95: percentile(firstFrames, 0.95) },
      share_from_peers: share(fromPeers, received),
      source_copies: share(grew("givenBySourceBytes"), produced),
      duplicate_fraction: share(grew("duplicateBytes"), received),
      repair_fraction: share(grew("piecesRepaired"), grew("piecesVerified")),
      control_fraction: share(grew("controlSentBytes"), received),
      hops: { p50: percentile(hops, 0.5), p95: percentile(hops, 0.95) },
      parts_skipped: grew("partsSkipped"),
      packets_lost: Object.values(sites).reduce((sum, { up, down }) => sum + up.lost + down.lost, 0),
      packets_queue_full: Object.values(sites).reduce((sum, { up, down }) => sum + up.queue_full + down.queue_full, 0),
      router_late_us: late_us,
      ...processors,
    };
  } finally {
    await box.close();
  }
}
