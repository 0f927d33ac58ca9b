// Chromium on bad lines: what a person there sees. Each condition has a box of its own with a server, a source, a native viewer on a good line, and the browser.
import { framesAdvance, openViewer, statsOf } from "../../tests/e2e/src/browser.ts";
import { launchBrowserOn } from "../../tests/netbox/src/chromium.ts";
import { Netbox, whyNotHere } from "../../tests/netbox/src/netbox.ts";
import { NativeViewer, startServer, startSource } from "../../tests/netbox/src/peers.ts";
import type { Line, NatKind } from "../../tests/netbox/src/scenario.ts";
import { percentile, writeReport } from "../e2e/report.ts";
import { sampleTimecodes } from "../e2e/timecode.ts";

const seconds = Number(process.env.SECONDS_MEASURED ?? 45);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Condition {
  name: string;
  /** The browser's, both ways. */
  line: Line;
  nat?: NatKind;
  /** Its line is dead from then on, for so long. */
  dead?: { atS: number; forS: number };
}

const good: Line = { delay_ms: 10, bits_per_s: 50_000_000, queue_ms: 100 };
// With the others' 10 ms one way: a round trip of 100.
const far: Line = { ...good, delay_ms: 40 };
const conditions: Condition[] = [
  { name: "good line", line: good },
  { name: "1 % loss, 100 ms", line: { ...far, loss: 0.01 } },
  { name: "3 % loss, 100 ms", line: { ...far, loss: 0.03 } },
  { name: "1 Mbit/s", line: { delay_ms: 10, bits_per_s: 1_000_000, queue_ms: 200 } },
  { name: "dead for 5 s", line: good, dead: { atS: 10, forS: 5 } },
  { name: "symmetric NAT on both sides", line: good, nat: "address-and-port-dependent" },
];

async function measure({ name, line, nat, dead }: Condition) {
  const behind = nat && { nat };
  const box = await Netbox.open({
    sites: [
      { name: "server", up: good, down: good },
      { name: "source", up: good, down: good, ...behind },
      { name: "native", up: good, down: good, ...behind },
      { name: "browser", up: line, down: line, ...behind },
    ],
  });
  try {
    const server = await startServer(box, "server");
    const source = await startSource(box, server, "source", { size: [640, 360], qualities: "360p:2500k,180p:400k" });
    await new NativeViewer(box, source, "native").plays(10);
    const browser = await launchBrowserOn(box, "browser", server);
    const viewer = await openViewer(await browser.newContext(), source.watchUrl, "browser");
    await framesAdvance(viewer, 1);
    const first = await statsOf(viewer);
    await pause(5_000);
    const before = await statsOf(viewer);
    await viewer.page.evaluate(sampleTimecodes);
    if (dead) {
      await pause(dead.atS * 1_000);
      await box.change({ site: "browser", line: "dead" });
      await pause(dead.forS * 1_000);
      await box.change({ site: "browser", line: "alive", up: line, down: line });
    }
    await pause((seconds - (dead ? dead.atS + dead.forS : 0)) * 1_000);
    const { delays, frozenMs } = await viewer.page.evaluate(() =>
      (globalThis as unknown as { stopSampling(): { delays: number[]; frozenMs: number } }).stopSampling(),
    );
    const after = await statsOf(viewer);
    const lines = await viewer.page.evaluate(() => document.querySelector("video")?.videoHeight);
    await browser.close();
    const received = (after?.receivedFromPeersBytes ?? 0) + (after?.receivedFromSourceBytes ?? 0);
    return {
      name,
      first_frame_ms: Math.round(first?.firstFrameMs ?? Number.NaN),
      glass_ms: { p50: Math.round(percentile(delays, 0.5)), p95: Math.round(percentile(delays, 0.95)) },
      stalls: (after?.stalls ?? 0) - (before?.stalls ?? 0),
      frozen_ms: Math.round(frozenMs),
      parts_skipped: (after?.partsSkipped ?? 0) - (before?.partsSkipped ?? 0),
      lines,
      share_from_peers: Number(((after?.receivedFromPeersBytes ?? 0) / received).toFixed(3)),
      relayed_links: `${after?.neighbors.filter(({ relayed }) => relayed).length} of ${after?.neighbors.length}`,
    };
  } finally {
    await box.close();
  }
}

const why = whyNotHere();
if (why) {
  console.error(why);
  process.exit(1);
}
const results = [];
for (const condition of conditions) {
  const result = await measure(condition);
  results.push(result);
  console.log(JSON.stringify(result));
}
writeReport("browsers", { seconds, results });
