import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { framesAdvance, openViewer, statsOf, withPictures, type Viewer } from "../../e2e/src/browser.ts";
import { patienceMs } from "../../e2e/src/program.ts";
import { launchBrowserOn } from "./chromium.ts";
import { Netbox, whyNotHere } from "./netbox.ts";
import { NativeViewer, startServer, startSource, type ServerInBox, type SourceInBox } from "./peers.ts";

const wide = { delay_ms: 10, bits_per_s: 50_000_000, queue_ms: 100 };
const narrow = { delay_ms: 10, bits_per_s: 1_000_000, queue_ms: 200 };

async function showsLines({ page }: Viewer, lines: number): Promise<number> {
  const since = performance.now();
  await page.waitForFunction((height) => document.querySelector("video")?.videoHeight === height, lines, { timeout: 2 * patienceMs });
  return (performance.now() - since) / 1000;
}

describe("a viewer whose line changes", { skip: whyNotHere() ?? false }, () => {
  let box: Netbox, browser: Browser, server: ServerInBox, source: SourceInBox;

  before(async () => {
    box = await Netbox.open({ sites: ["server", "source", "native", "browser"].map((name) => ({ name, up: wide, down: wide })) });
    server = await startServer(box, "server");
    source = await startSource(box, server, "source", { size: [640, 360], qualities: "360p:2500k,180p:400k" });
    browser = await launchBrowserOn(box, "browser", server);
  });
  after(async () => {
    await browser?.close();
    await box?.close();
  });

  test("plays the quality that fits, and the better one when there is room again; its neighbors stay", async (context) => {
    const native = new NativeViewer(box, source, "native");
    await native.plays(10);
    const viewers: Viewer[] = [];
    await withPictures(
      "quality",
      () => viewers,
      async () => {
        const viewer = await openViewer(await browser.newContext(), source.watchUrl, "changing-line");
        viewers.push(viewer);
        await showsLines(viewer, 360);
        await framesAdvance(viewer, 60);
        const before = (await statsOf(viewer))!.neighbors.map(({ peerId }) => peerId).sort();
        await box.change({ site: "browser", down: narrow });
        const down = await showsLines(viewer, 180);
        await framesAdvance(viewer, 150);
        assert.equal(await viewer.page.evaluate(() => document.querySelector("video")?.videoHeight), 180, "it stays there");
        await box.change({ site: "browser", down: wide });
        const up = await showsLines(viewer, 360);
        await framesAdvance(viewer, 60);
        const after = (await statsOf(viewer))!.neighbors.map(({ peerId }) => peerId).sort();
        assert.deepEqual(after, before);
        context.diagnostic(`down after ${down.toFixed(1)} s, up again after ${up.toFixed(1)} s`);
      },
    );
  });
});
