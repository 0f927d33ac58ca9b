import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { artifactsPath } from "../../tests/e2e/src/program.ts";
import { Netbox, readJson, whyNotHere } from "../../tests/netbox/src/netbox.ts";
import { NativeViewer, startServer, startSource, until, type PeerStats } from "../../tests/netbox/src/peers.ts";
import { percentile, writeReport } from "../e2e/report.ts";
import { partFigures } from "./figures.ts";
import { place, readWorld } from "./world.ts";

const audioBitsPerS = 64_000;
const settleMs = 4_000; // after the window, for its last parts to arrive

const why = whyNotHere();
if (why) {
  console.error(why);
  process.exit(1);
}
const viewersWanted = process.env.VIEWERS ? { viewers: Number(process.env.VIEWERS) } : {};
const { world, ignored } = readWorld(process.argv[2], viewersWanted);
if (ignored.length > 0) console.error(`The box does not act out: ${ignored.join(", ")}.`);
const seed = Number(process.env.SEED ?? 1);
console.log(JSON.stringify({ seed, world }));
const { scenario, viewers: placed } = place(world, seed);

/** Jiffies of all processors: busy, and in all. */
function processorTime(): { busy: number; all: number } {
  const fields = (readFileSync("/proc/stat", "utf8").split("\n")[0] ?? "").trim().split(/\s+/).slice(1).map(Number);
  const all = fields.slice(0, 8).reduce((sum, field) => sum + field, 0);
  return { busy: all - (fields[3] ?? 0) - (fields[4] ?? 0), all };
}

const box = await Netbox.open(scenario);
try {
  const server = await startServer(box, "server");
  const source = await startSource(box, server, "source", {
    connectionsMax: world.source_connections,
    videoBitsPerS: world.bits_per_s - audioBitsPerS,
    uploadBitsPerS: world.source_upload_bits_per_s,
  });
  await until("the source makes parts", () => sourceStats() !== undefined);

  const began = Date.now();
  const viewers: NativeViewer[] = [];
  for (const [i, { host, upload_bits_per_s }] of placed.entries()) {
    await pause(began + (i * world.arrivals_ms) / placed.length - Date.now());
    const known = Math.max(10_000, Math.round((upload_bits_per_s * world.upload_known_percent) / 100));
    viewers.push(new NativeViewer(box, source, host, world.upload_known_percent > 0 ? ["--upload-max", String(known)] : []));
  }

  const fromMs = began + world.measured_from_ms;
  const untilMs = began + world.length_ms;
  await pause(fromMs - Date.now());
  const before = snapshot(viewers);
  const processorBefore = processorTime();
  await pause(untilMs - Date.now());
  const after = snapshot(viewers);
  const processor = processorTime();
  await pause(settleMs);

  const logs = viewers.map((viewer) => ({ startedMs: viewer.startedMs, parts: viewer.parts() }));
  const seen = logs.filter(({ parts }) => parts.length > 0);
  const firstFrames = seen.map(({ startedMs, parts }) => (parts[0]?.receivedMs ?? Number.NaN) - startedMs);
  const grew = (key: NumericKey) => after.viewers[key] - before.viewers[key];
  const fromPeers = grew("receivedFromPeersBytes");
  const received = fromPeers + grew("receivedFromSourceBytes");
  const produced = after.source.producedBytes - before.source.producedBytes;
  const seconds = (world.length_ms - world.measured_from_ms) / 1000;
  const { late_us, sites } = await box.stats();
  writeFileSync(path.join(artifactsPath, "router-stats.json"), JSON.stringify(sites, null, 1)); // which lines were too narrow
  const result = {
    viewers: viewers.length,
    viewers_without_picture: viewers.length - seen.length,
    seconds,
    stream_bits_per_s: Math.round((produced * 8) / seconds),
    ...partFigures(logs, fromMs, untilMs),
    first_frame_ms: { p50: percentile(firstFrames, 0.5), p95: percentile(firstFrames, 0.95) },
    share_from_peers: Number((fromPeers / received).toFixed(4)),
    source_copies: Number(((after.source.givenBytes - before.source.givenBytes) / produced).toFixed(3)),
    duplicate_fraction: Number((grew("duplicateBytes") / received).toFixed(4)),
    repair_fraction: Number((grew("piecesRepaired") / grew("piecesVerified")).toFixed(4)),
    control_fraction: Number((grew("controlSentBytes") / received).toFixed(4)),
    parts_skipped: grew("partsSkipped"),
    packets_lost: Object.values(sites).reduce((sum, { up, down }) => sum + up.lost + down.lost, 0),
    packets_queue_full: Object.values(sites).reduce((sum, { up, down }) => sum + up.queue_full + down.queue_full, 0),
    router_late_us: late_us,
    // Near 100 the machine, not the mesh, was measured.
    processors_busy_percent: Math.round((100 * (processor.busy - processorBefore.busy)) / (processor.all - processorBefore.all)),
    seed,
    world,
  };
  writeReport("netbox", result);
  const { world: _, ...shown } = result;
  console.log(JSON.stringify(shown, null, 2));

  function sourceStats(): PeerStats | undefined {
    try {
      return readJson<PeerStats>(source.statsFile);
    } catch {
      return undefined; // not written yet
    }
  }

  function snapshot(all: NativeViewer[]) {
    const sums = { receivedFromPeersBytes: 0, receivedFromSourceBytes: 0, duplicateBytes: 0, piecesRepaired: 0, piecesVerified: 0, controlSentBytes: 0, partsSkipped: 0 };
    for (const viewer of all) {
      const stats = viewer.stats();
      for (const key of Object.keys(sums) as NumericKey[]) sums[key] += stats?.[key] ?? 0;
    }
    return { viewers: sums, source: sourceStats() ?? { givenBytes: 0, producedBytes: 0 } };
  }
} finally {
  await box.close();
}

type NumericKey =
  | "receivedFromPeersBytes" | "receivedFromSourceBytes" | "duplicateBytes" | "piecesRepaired" | "piecesVerified" | "controlSentBytes" | "partsSkipped";
