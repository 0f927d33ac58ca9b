import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { closePages, framesAdvance, launchBrowser, openViewer, until, withPictures } from "./browser.ts";
import { patienceMs, smallPicture, startServer, startSource, unassignedPort, type Server, type Source } from "./program.ts";

// What the watch page says when something is wrong, and that it goes on when it is right again.

let browser: Browser;
let server: Server;
let folder: string;
const sources: Source[] = [];

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "p2p-states-"));
  browser = await launchBrowser();
  server = await startServer(await unassignedPort());
});
afterEach(async () => {
  await closePages(browser);
  for (const source of sources.splice(0)) await source.program.stop("SIGINT");
});
after(async () => {
  await browser?.close();
  await server?.program.stop();
  rmSync(folder, { recursive: true, force: true });
});

const english = () => browser.newContext({ locale: "en-US" });

test("a stream that the streamer ends is said to have ended", { timeout: 3 * patienceMs }, async () => {
  const source = await startSource(server, smallPicture);
  sources.push(source);
  const viewer = await openViewer(await english(), source.watchUrl, "ended");
  await withPictures(
    "ended",
    () => [viewer],
    async () => {
      await framesAdvance(viewer);
      await source.program.stop("SIGINT");
      await viewer.page.getByRole("heading", { name: /^Stream ended after/ }).waitFor({ timeout: patienceMs });
      await viewer.page.getByRole("link", { name: "What is live" }).click();
      await viewer.page.getByText("Nothing is live yet.").waitFor({ timeout: patienceMs });
    },
  );
});

test(
  "a viewer who has lost everybody is told so, and the picture comes back with the server and the source",
  { timeout: 5 * patienceMs },
  async () => {
    const key = ["--key", path.join(folder, "stream.key")];
    const source = await startSource(server, [...smallPicture, ...key]);
    sources.push(source);
    const viewer = await openViewer(await english(), source.watchUrl, "cut-off");
    await withPictures(
      "cut-off",
      () => [viewer],
      async () => {
        await framesAdvance(viewer);
        await Promise.all([server.program.stop("SIGKILL"), source.program.stop("SIGKILL")]);
        await viewer.page.getByText("Connection lost. Trying again.").waitFor({ timeout: patienceMs });
        server = await startServer(server.port);
        const again = await startSource(server, [...smallPicture, ...key]);
        sources.push(again);
        assert.equal(again.streamId, source.streamId, "the same key is the same stream");
        await viewer.page.getByRole("button", { name: "Try now" }).click({ timeout: patienceMs });
        await viewer.page.getByText("Connection lost. Trying again.").waitFor({ state: "hidden", timeout: patienceMs });
        await framesAdvance(viewer, 30);
      },
    );
  },
);

/** A battery, or a connection, as a browser would tell of it. */
const lowBattery = () => {
  const battery = Object.assign(new EventTarget(), { charging: false, level: 0.1 });
  Object.assign(navigator, { getBattery: () => Promise.resolve(battery) });
  Object.assign(globalThis, {
    charge: () => {
      battery.charging = true;
      battery.dispatchEvent(new Event("chargingchange"));
    },
  });
};
const mobileData = () => {
  Object.defineProperty(navigator, "connection", { value: Object.assign(new EventTarget(), { type: "cellular", saveData: false }) });
};
test("a viewer with a low battery only receives until it charges", { timeout: 5 * patienceMs }, async () => {
  const source = await startSource(server, smallPicture);
  sources.push(source);
  const context = await english();
  await context.addInitScript(lowBattery);
  const viewers = [await openViewer(context, source.watchUrl, "low-battery")];
  await withPictures(
    "low-battery",
    () => viewers,
    async () => {
      const [tired] = viewers;
      assert.ok(tired);
      await framesAdvance(tired);
      await tired.page.getByRole("status").getByText("Low battery: you only receive until it charges.").waitFor();
      const panel = tired.page.locator(".mesh").getByText("Low battery");
      await panel.waitFor();
      const before = await until(tired, "played", () => true);
      viewers.push(await openViewer(await english(), source.watchUrl, "second"));
      await framesAdvance(viewers[1]!, 60);
      const then = await until(tired, "played on", () => true);
      assert.equal(then.givenBytes, before.givenBytes, "what it received stayed with it");
      await tired.page.evaluate(() => (globalThis as unknown as { charge(): void }).charge());
      await panel.waitFor({ state: "detached" });
    },
  );
});

test("a viewer on mobile data only receives, unless he said otherwise", { timeout: 4 * patienceMs }, async () => {
  const source = await startSource(server, smallPicture);
  sources.push(source);
  const context = await english();
  await context.addInitScript(mobileData);
  const viewer = await openViewer(context, source.watchUrl, "mobile");
  await withPictures(
    "mobile",
    () => [viewer],
    async () => {
      await framesAdvance(viewer);
      await viewer.page.getByRole("status").getByText("Mobile data: you only receive.").waitFor();
      await viewer.page.locator(".mesh").getByRole("button", { name: "Sharing" }).click();
      const onMobileData = viewer.page.getByRole("switch", { name: "On mobile data too" });
      assert.equal(await onMobileData.isChecked(), false);
      await viewer.page.getByText("Paused: this device is on mobile data.").waitFor();
      await onMobileData.check();
      await viewer.page.getByText("Paused: this device is on mobile data.").waitFor({ state: "detached" });
    },
  );
});
