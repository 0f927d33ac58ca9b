import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { closePages, framesAdvance, launchBrowser, openViewer, statsOf, until, withPictures, type Viewer } from "./browser.ts";
import { patienceMs, startServer, type Server } from "./program.ts";

let browser: Browser;
let server: Server;

before(async () => {
  browser = await launchBrowser({ args: ["--auto-select-desktop-capture-source=Entire screen"] });
  server = await startServer();
});
afterEach(() => closePages(browser));
after(async () => {
  await browser?.close();
  await server?.program.stop();
});

const camera = () => browser.newContext({ permissions: ["camera", "microphone"] });

/** The broadcast page with its camera open. */
async function openStudio(context: BrowserContext, name: string): Promise<Viewer> {
  const studio = await openViewer(context, `${server.url}/broadcast`, name);
  studio.page.on("dialog", (dialog) => void dialog.accept().catch(() => {}));
  await studio.page.getByRole("button", { name: "Allow camera and microphone" }).click();
  // The least that the machine of a test has to encode.
  await studio.page.getByRole("checkbox", { name: /^360p/ }).check();
  for (const other of [/^720p/, /^480p/]) await studio.page.getByRole("checkbox", { name: other }).uncheck();
  return studio;
}

/** The link for viewers. */
async function goLive({ page }: Viewer, title: string): Promise<string> {
  await page.getByLabel("Title", { exact: true }).fill(title);
  await page.getByRole("button", { name: "Go live" }).click();
  return page.getByTestId("watch-link").inputValue({ timeout: patienceMs });
}

/** Resolves once the viewer's picture is red, or not, at a place in shares of its width and height. */
async function isRed({ page }: Viewer, red: boolean, x: number, y: number): Promise<void> {
  await page.waitForFunction(
    ([wanted, left, top]) => {
      const video = document.querySelector("video");
      const context = new OffscreenCanvas(1, 1).getContext("2d");
      if (!video || !context) return false;
      context.drawImage(video, left * video.videoWidth, top * video.videoHeight, 8, 8, 0, 0, 1, 1);
      const [r = 0, g = 0] = context.getImageData(0, 0, 1, 1).data;
      return r > 2 * g === wanted;
    },
    [red, x, y] as const,
    { timeout: patienceMs },
  );
}

/**
 * Camera, screen, both, with the inset in another corner, camera; each until the viewer sees it. How often its picture stood or jumped meanwhile. The
 * fake camera is green, the screen red.
 */
async function changeScenes(studio: Viewer, viewer: Viewer): Promise<number> {
  const before = (await statsOf(viewer))!;
  await isRed(viewer, false, 0.5, 0.2);
  await studio.page.keyboard.press("2");
  await isRed(viewer, true, 0.5, 0.2);
  await framesAdvance(viewer, 30);
  await studio.page.keyboard.press("3");
  await isRed(viewer, false, 0.87, 0.8);
  await isRed(viewer, true, 0.13, 0.2);
  const inset = studio.page.getByRole("button", { name: /^Camera inset/ });
  await inset.press("Home");
  await isRed(viewer, false, 0.13, 0.2);
  await isRed(viewer, true, 0.87, 0.8);
  await inset.press("End");
  await studio.page.keyboard.press("1");
  await isRed(viewer, false, 0.5, 0.2);
  await framesAdvance(viewer, 60);
  const after = (await statsOf(viewer))!;
  return after.stalls - before.stalls + (after.partsSkipped - before.partsSkipped);
}

test("camera, screen and both follow each other in one stream, and its viewer's picture never stands", async () => {
  const viewers: Viewer[] = [];
  await withPictures(
    "studio",
    () => viewers,
    async () => {
      const context = await camera();
      // The fake screen looks like the fake camera. This one is red, and does not move, as screens do: it delivers a frame and no more.
      await context.addInitScript(() => {
        navigator.mediaDevices.getDisplayMedia = () => {
          const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 800 });
          const screen = canvas.captureStream(30);
          const painter = canvas.getContext("2d");
          if (painter) painter.fillStyle = "#d02020";
          painter?.fillRect(0, 0, 1280, 800);
          return Promise.resolve(screen);
        };
      });
      const studio = await openStudio(context, "studio-scenes");
      viewers.push(studio);
      const viewer = await openViewer(await browser.newContext(), await goLive(studio, "Three scenes"), "watches-scenes");
      viewers.push(viewer);
      await framesAdvance(viewer, 60);
      // A round in which the machine had other things to do proves nothing: one without a stall is enough.
      let faults = Infinity;
      for (let round = 0; round < 5 && faults > 0; ++round) faults = await changeScenes(studio, viewer);
      assert.equal(faults, 0, "the picture never stood");
      assert.equal((await statsOf(viewer))!.piecesFailed, 0);
    },
  );
});

test("a screen that is no longer shared gives way to the camera, and a camera that vanishes to a card", async () => {
  const viewers: Viewer[] = [];
  await withPictures(
    "studio-lost",
    () => viewers,
    async () => {
      const context = await camera();
      // Nobody can unplug a fake device: the page's own tracks are told that they have ended.
      await context.addInitScript(() => {
        const tracks: MediaStreamTrack[] = ((globalThis as unknown as { tracks: MediaStreamTrack[] }).tracks = []);
        for (const name of ["getUserMedia", "getDisplayMedia"] as const) {
          const real = navigator.mediaDevices[name].bind(navigator.mediaDevices);
          navigator.mediaDevices[name] = async (constraints?: MediaStreamConstraints) => {
            const media = await real(constraints);
            tracks.push(...media.getVideoTracks());
            return media;
          };
        }
      });
      const endNewest = (page: Page) =>
        page.evaluate(() => {
          const track = (globalThis as unknown as { tracks: MediaStreamTrack[] }).tracks.at(-1);
          track?.stop();
          track?.dispatchEvent(new Event("ended"));
        });
      const studio = await openStudio(context, "studio-lost");
      viewers.push(studio);
      const viewer = await openViewer(await browser.newContext(), await goLive(studio, "Lost and found"), "watches-lost");
      viewers.push(viewer);
      await framesAdvance(viewer, 30);
      await studio.page.keyboard.press("2");
      await studio.page.locator(".source-button[aria-pressed=true]", { hasText: /^Screen$/ }).waitFor({ timeout: patienceMs });
      await endNewest(studio.page);
      await studio.page.getByText("Screen sharing ended. Camera is on.").waitFor({ timeout: patienceMs });
      assert.ok(await studio.page.getByRole("button", { name: "Share again" }).isVisible());
      await framesAdvance(viewer, 30);
      await studio.page.evaluate(() => {
        const [track] = (globalThis as unknown as { tracks: MediaStreamTrack[] }).tracks;
        track?.stop();
        track?.dispatchEvent(new Event("ended"));
      });
      await studio.page.getByText("Viewers see a card with your title").waitFor({ timeout: patienceMs });
      await framesAdvance(viewer, 30);
      await studio.page.evaluate(() => navigator.mediaDevices.dispatchEvent(new Event("devicechange")));
      await studio.page.getByText("is back.").waitFor({ timeout: patienceMs });
      await framesAdvance(viewer, 30);
    },
  );
});

test("a page that was loaded anew by mistake goes on with its stream, and so does the viewer", async () => {
  const viewers: Viewer[] = [];
  await withPictures(
    "studio-resumed",
    () => viewers,
    async () => {
      const studio = await openStudio(await camera(), "studio-resumed");
      viewers.push(studio);
      const link = await goLive(studio, "Loaded anew");
      const viewer = await openViewer(await browser.newContext(), link, "watches-resumed");
      viewers.push(viewer);
      await framesAdvance(viewer, 30);
      await studio.page.reload();
      await studio.page.getByText('"Loaded anew" is still live.').waitFor({ timeout: patienceMs });
      await studio.page.getByRole("button", { name: "Resume stream" }).click();
      assert.equal(await studio.page.getByTestId("watch-link").inputValue({ timeout: patienceMs }), link);
      await until(viewer, "played what came after the reload", ({ partsPlayed }) => partsPlayed > 60);
      await framesAdvance(viewer, 60);
    },
  );
});

test("the home page shows a thumbnail, not a stream for those with the link, and follows the title", async () => {
  const viewers: Viewer[] = [];
  await withPictures(
    "studio-listed",
    () => viewers,
    async () => {
      const studio = await openStudio(await camera(), "studio-listed");
      viewers.push(studio);
      const home = await openViewer(await browser.newContext(), server.url, "home-thumbnail");
      viewers.push(home);
      await studio.page.getByText("With link").click();
      await goLive(studio, "For friends");
      await studio.page.getByRole("button", { name: "Edit title and tags" }).click();
      assert.equal(await home.page.locator(".card").filter({ hasText: "For friends" }).count(), 0);
      await studio.page.getByLabel("Title", { exact: true }).fill("For all");
      await studio.page.getByText("Everyone").click();
      await studio.page.getByRole("button", { name: "Save" }).click();
      const card = home.page.locator(".card").filter({ hasText: "For all" });
      await card.waitFor({ timeout: patienceMs });
      const size = await card.locator("img").evaluate(async (image: HTMLImageElement) => {
        await image.decode();
        return [image.naturalWidth, image.naturalHeight];
      });
      assert.deepEqual(size, [320, 180]);
    },
  );
});

test("three seconds to change one's mind, and a summary at the end", async () => {
  const viewers: Viewer[] = [];
  await withPictures(
    "studio-summary",
    () => viewers,
    async () => {
      const studio = await openStudio(await camera(), "studio-summary");
      viewers.push(studio);
      const { page } = studio;
      await page.getByLabel("Title", { exact: true }).fill("Short");
      await page.getByRole("button", { name: "Go live" }).click();
      await page.getByText(/^Live in/).waitFor({ timeout: patienceMs });
      await page.getByRole("button", { name: "Cancel" }).click();
      const link = await goLive(studio, "Short");
      const viewer = await openViewer(await browser.newContext(), link, "watches-summary");
      viewers.push(viewer);
      await framesAdvance(viewer, 30);
      await page.getByTestId("viewers").filter({ hasText: "1" }).waitFor({ timeout: patienceMs });
      // A link to another page asks, too.
      await page.getByRole("link", { name: "Live" }).first().click();
      await page.getByRole("alertdialog").getByRole("button", { name: "Keep going" }).click();
      await page.keyboard.press("Shift+E");
      await page.getByRole("alertdialog").getByRole("button", { name: "End stream" }).click();
      await page.getByText("The stream has ended.").waitFor({ timeout: patienceMs });
      assert.equal(await page.getByText("Most viewers at once").locator("xpath=following-sibling::dd").textContent(), "1");
      await viewer.page.getByText("Stream ended after").waitFor({ timeout: patienceMs });
    },
  );
});

test("the best quality is left out while the machine is too busy, its viewer goes to another, and both come back", async () => {
  const viewers: Viewer[] = [];
  await withPictures(
    "studio-paused",
    () => viewers,
    async () => {
      const context = await camera();
      // An encoder that does not keep up, as far as the page can see.
      await context.addInitScript(() => {
        const prototype = VideoEncoder.prototype;
        const { configure } = prototype;
        const size = Object.getOwnPropertyDescriptor(prototype, "encodeQueueSize");
        const heights = new WeakMap<VideoEncoder, number>();
        prototype.configure = function (config) {
          heights.set(this, config.height);
          configure.call(this, config);
        };
        Object.defineProperty(prototype, "encodeQueueSize", {
          get(this: VideoEncoder) {
            const busy = (globalThis as { busy?: boolean }).busy === true && heights.get(this) === 480;
            return busy ? 99 : (size?.get?.call(this) as number);
          },
        });
      });
      const studio = await openStudio(context, "studio-paused");
      viewers.push(studio);
      await studio.page.getByRole("checkbox", { name: /^480p/ }).check();
      const viewer = await openViewer(await browser.newContext(), await goLive(studio, "Too much"), "watches-paused");
      viewers.push(viewer);
      const shows = (lines: number) =>
        viewer.page.waitForFunction((height) => document.querySelector("video")?.videoHeight === height, lines, { timeout: patienceMs });
      await framesAdvance(viewer);
      await viewer.page.getByRole("button", { name: "Settings", exact: true }).click({ timeout: patienceMs });
      await viewer.page.getByRole("menuitemradio", { name: /^480p/ }).click({ timeout: patienceMs });
      await shows(480);
      const { partsSkipped } = (await statsOf(viewer))!;
      await studio.page.evaluate(() => Object.assign(globalThis, { busy: true }));
      await studio.page.getByText("This machine is too busy. 480p is paused.").waitFor({ timeout: patienceMs });
      await shows(360);
      await studio.page.evaluate(() => Object.assign(globalThis, { busy: false }));
      await framesAdvance(viewer, 60);
      assert.equal((await statsOf(viewer))!.partsSkipped, partsSkipped, "no part was missed on the way down");
      await studio.page.getByText("480p is sent again.").waitFor({ timeout: patienceMs });
      await shows(480);
      await framesAdvance(viewer, 60);
    },
  );
});

test("a microphone of which nothing is heard is told", async () => {
  const context = await camera();
  await context.addInitScript(() => {
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      const media = await real(constraints);
      const [silence] = new AudioContext().createMediaStreamDestination().stream.getAudioTracks();
      return new MediaStream([...media.getVideoTracks(), ...(silence ? [silence] : [])]);
    };
  });
  const studio = await openStudio(context, "studio-silent");
  await studio.page.getByText(/^We hear nothing from/).waitFor({ timeout: patienceMs });
  await studio.page.keyboard.press("m");
  await studio.page.getByText("Muted. Viewers do not hear you.").waitFor({ timeout: patienceMs });
});
