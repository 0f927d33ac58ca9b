import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { closePages, framesAdvance, launchBrowser, openViewer, statsOf, until, withPictures, type Viewer } from "./browser.ts";
import { patienceMs, smallPicture, startServer, startSource, type Server, type Source } from "./program.ts";

let browser: Browser;
let server: Server;
let source: Source | undefined;

before(async () => {
  browser = await launchBrowser();
  server = await startServer();
});
afterEach(() => closePages(browser));
after(async () => {
  await browser?.close();
  await source?.program.stop("SIGINT");
  await server?.program.stop();
});

/** Opens the player's menu and takes what is called so. */
async function choose({ page }: Viewer, name: string): Promise<void> {
  await page.getByRole("button", { name: "Settings", exact: true }).click();
  await page.getByRole("menuitemradio", { name: new RegExp(`^${name}`) }).click();
}

async function showsLines({ page }: Viewer, lines: number): Promise<void> {
  await page.waitForFunction((height) => document.querySelector("video")?.videoHeight === height, lines, { timeout: patienceMs });
}

test("a viewer chooses a quality and goes back to Auto, and the picture goes on", async () => {
  source = await startSource(server, [...smallPicture, "--qualities", "source,180p:250k"]);
  const viewers: Viewer[] = [];
  await withPictures(
    "qualities",
    () => viewers,
    async () => {
      const viewer = await openViewer(await browser.newContext(), `${server.url}/watch/${source?.streamId}`, "chooser");
      viewers.push(viewer);
      await showsLines(viewer, 360); // what the line carries
      await viewer.page.getByText("Playing 360p, as your line and the peers allow.").waitFor({ timeout: patienceMs });
      const { partsSkipped } = (await statsOf(viewer))!;
      await choose(viewer, "180p");
      await showsLines(viewer, 180);
      await framesAdvance(viewer, 30);
      await viewer.page.getByText("Playing 180p, as you chose.").waitFor({ timeout: patienceMs });
      await choose(viewer, "Auto");
      await showsLines(viewer, 360);
      await framesAdvance(viewer, 30);
      const stats = await until(viewer, "plays on", ({ partsPlayed }) => partsPlayed > 30);
      assert.equal(stats.partsSkipped, partsSkipped, "no change cost a part");
    },
  );
});

test("the menu is used by keyboard alone and remembers the latency", async () => {
  const context = await browser.newContext();
  const viewer = await openViewer(context, `${server.url}/watch/${source?.streamId}`, "keyboard");
  await framesAdvance(viewer);
  const { page } = viewer;
  const settings = page.getByRole("button", { name: "Settings", exact: true });
  await settings.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menu", { name: "Settings", exact: true }).waitFor({ timeout: patienceMs });
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowUp"); // the last is the way to what is shared
  assert.equal(await page.evaluate(() => document.activeElement?.textContent?.startsWith("Balanced")), true);
  await page.keyboard.press("Enter");
  assert.equal(await page.getByRole("menu").count(), 0);
  assert.ok(await settings.evaluate((button) => button === document.activeElement), "the focus comes back");
  await page.reload();
  await framesAdvance(viewer);
  await page.getByRole("button", { name: "Settings", exact: true }).click();
  assert.equal(await page.getByRole("menuitemradio", { name: "Balanced" }).getAttribute("aria-checked"), "true");
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("menu").count(), 0);
});

test("a browser sends several qualities at once", async () => {
  const viewers: Viewer[] = [];
  await withPictures(
    "broadcast-qualities",
    () => viewers,
    async () => {
      const studio = await openViewer(
        await browser.newContext({ permissions: ["camera", "microphone"] }),
        `${server.url}/broadcast`,
        "studio-qualities",
      );
      viewers.push(studio);
      await studio.page.getByRole("button", { name: "Allow camera and microphone" }).click();
      await studio.page.getByLabel("Title").fill("Two at once");
      await studio.page.getByRole("checkbox", { name: /^360p/ }).check();
      await studio.page.getByRole("checkbox", { name: /^720p/ }).uncheck();
      await studio.page.getByRole("checkbox", { name: /^480p/ }).check();
      await studio.page.getByRole("button", { name: "Go live" }).click();
      const link = await studio.page.getByTestId("watch-link").inputValue({ timeout: patienceMs });
      const viewer = await openViewer(await browser.newContext(), link, "watches-qualities");
      viewers.push(viewer);
      await framesAdvance(viewer);
      await viewer.page.getByTestId("quality").waitFor({ timeout: patienceMs });
      await choose(viewer, "360p");
      await showsLines(viewer, 360);
      await choose(viewer, "480p");
      await showsLines(viewer, 480);
      await framesAdvance(viewer, 30);
    },
  );
});
