import { after, afterEach, before, test } from "node:test";
import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { closePages, framesAdvance, launchBrowser, openViewer, until, withPictures, type Viewer } from "./browser.ts";
import { patienceMs, startServer, type Server } from "./program.ts";

let browser: Browser;
let server: Server;

before(async () => {
  browser = await launchBrowser();
  server = await startServer();
});
afterEach(() => closePages(browser));
after(async () => {
  await browser?.close();
  await server?.program.stop();
});

test("camera and microphone of a browser reach two viewers; End ends for them", async () => {
  const viewers: Viewer[] = [];
  await withPictures("broadcast", () => viewers, async () => {
    const context = await browser.newContext({ permissions: ["camera", "microphone"] });
    const studio = await openViewer(context, `${server.url}/broadcast`, "studio");
    viewers.push(studio);
    await studio.page.getByRole("button", { name: "Allow camera and microphone" }).click();
    await studio.page.getByRole("button", { name: "Go live" }).click();
    await studio.page.getByText("Give the stream a title").waitFor({ timeout: patienceMs });
    await studio.page.getByLabel("Title").fill("From a browser");
    await studio.page.getByRole("button", { name: "Go live" }).click();
    const link = await studio.page.getByTestId("watch-link").inputValue({ timeout: patienceMs });
    for (const name of ["one", "two"]) {
      viewers.push(await openViewer(await browser.newContext(), link, name));
      await framesAdvance(viewers.at(-1)!);
    }
    const watching = viewers.slice(1);
    await Promise.all(watching.map((viewer) => framesAdvance(viewer, 60)));
    for (const viewer of watching) {
      const stats = await until(viewer, "played for a while", ({ partsPlayed }) => partsPlayed > 20);
      assert.equal(stats.piecesFailed, 0);
      const tracks = await viewer.page.evaluate(() => {
        const video = document.querySelector("video") as HTMLVideoElement & { webkitAudioDecodedByteCount?: number };
        return video.webkitAudioDecodedByteCount ?? 0;
      });
      assert.ok(tracks > 0, "sound is decoded");
    }
    await studio.page.getByRole("button", { name: "End stream" }).click();
    await studio.page.getByRole("alertdialog").getByRole("button", { name: "End stream" }).click();
    for (const viewer of watching) await viewer.page.getByText("Stream ended after").waitFor({ timeout: patienceMs });
  });
});

test("a refused permission says what to do next", async () => {
  const context = await browser.newContext({ permissions: [] });
  const studio = await openViewer(context, `${server.url}/broadcast`, "refused");
  await studio.page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("denied", "NotAllowedError"));
  });
  await studio.page.getByRole("button", { name: "Allow camera and microphone" }).click();
  await studio.page.getByText("The browser blocks the camera.").waitFor({ timeout: patienceMs });
  assert.ok(await studio.page.getByRole("button", { name: "Try again" }).isVisible());
});

test("a machine without a camera says so", async () => {
  const studio = await openViewer(await browser.newContext(), `${server.url}/broadcast`, "no-camera");
  await studio.page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("none", "NotFoundError"));
  });
  await studio.page.getByRole("button", { name: "Allow camera and microphone" }).click();
  await studio.page.getByText("No camera or microphone found.").waitFor({ timeout: patienceMs });
});
