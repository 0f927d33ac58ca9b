import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { closePages, framesAdvance, keepEngineInPage, launchBrowser, openViewer, until, withPictures, type Viewer } from "./browser.ts";
import { patienceMs, smallPicture, startServer, startSource, type Server, type Source } from "./program.ts";

// The engine is in a worker: a page that is busy goes on relaying. Where data channels cannot be handed to workers it is in the page, and works as well.

let browser: Browser;
let server: Server;
let source: Source | undefined;

before(async () => {
  browser = await launchBrowser();
  server = await startServer();
});
afterEach(async () => {
  await closePages(browser);
  await source?.program.stop("SIGINT");
  source = undefined;
});
after(async () => {
  await browser?.close();
  await server?.program.stop();
});

/** Nothing runs in the page meanwhile. */
const keepBusy = ({ page }: Viewer, ms: number) =>
  page.evaluate((busyMs) => {
    const end = performance.now() + busyMs;
    while (performance.now() < end);
  }, ms);

test("a viewer whose page is busy for seconds goes on feeding the one behind it", { timeout: 4 * patienceMs }, async () => {
  source = await startSource(server, [...smallPicture, "--connections-max", "1"]); // the second viewer hangs from the first
  const viewers: Viewer[] = [];
  await withPictures(
    "busy",
    () => viewers,
    async () => {
      const relay = await openViewer(await browser.newContext(), source!.watchUrl, "busy-relay");
      viewers.push(relay);
      await framesAdvance(relay);
      assert.equal(relay.page.workers().length, 1, "the engine is in a worker");
      const fed = await openViewer(await browser.newContext(), source!.watchUrl, "busy-fed");
      viewers.push(fed);
      await framesAdvance(fed, 60);
      const before = await until(fed, "played", ({ partsPlayed }) => partsPlayed > 20);
      assert.equal(before.neighbors.length, 1, "it has nobody else");

      const busyMs = 5_000;
      const partMs = 200;
      const busy = keepBusy(relay, busyMs);
      // More than any buffer holds: what is played by then was relayed while the page was busy.
      const enough = before.partsPlayed + (busyMs - 1_000) / partMs;
      let released = false;
      void busy.then(() => (released = true));
      await until(fed, "was fed", ({ partsPlayed }) => partsPlayed >= enough || released);
      const then = await until(fed, "played", () => true);
      await busy;
      assert.ok(then.partsPlayed >= enough, `${then.partsPlayed - before.partsPlayed} parts in ${busyMs / 1000} s`);
      await framesAdvance(relay);
      await framesAdvance(fed);
    },
  );
});

test("where data channels stay in their page, the engine does, too", { timeout: 4 * patienceMs }, async () => {
  source = await startSource(server, smallPicture);
  const viewers: Viewer[] = [];
  await withPictures(
    "no-worker",
    () => viewers,
    async () => {
      const context = await browser.newContext();
      await context.addInitScript(keepEngineInPage);
      const first = await openViewer(context, source!.watchUrl, "no-worker-1");
      viewers.push(first);
      await framesAdvance(first);
      const second = await openViewer(await browser.newContext(), source!.watchUrl, "no-worker-2");
      viewers.push(second);
      await framesAdvance(second);
      await until(second, "was linked to the other viewer", ({ neighbors }) => neighbors.length >= 2);
      // Its timer is a worker, too: one with an address of its own, not the engine's.
      assert.deepEqual(
        first.page.workers().filter((worker) => !worker.url().startsWith("blob:")),
        [],
      );
    },
  );
});
