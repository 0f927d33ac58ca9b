import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { openViewer, withPictures, type Viewer } from "../../e2e/src/browser.ts";
import { patienceMs } from "../../e2e/src/program.ts";
import { launchBrowserOn } from "./chromium.ts";
import { Netbox, whyNotHere } from "./netbox.ts";
import { NativeViewer, startServer, type ServerInBox } from "./peers.ts";

const wide = { delay_ms: 10, bits_per_s: 50_000_000, queue_ms: 100 };
const narrow = { delay_ms: 10, bits_per_s: 1_300_000, queue_ms: 200 };

describe("a source in a browser whose line becomes narrow", { skip: whyNotHere() ?? false }, () => {
  let box: Netbox, browser: Browser, server: ServerInBox;

  before(async () => {
    box = await Netbox.open({ sites: ["server", "studio", "one", "two"].map((name) => ({ name, up: wide, down: wide })) });
    server = await startServer(box, "server");
    browser = await launchBrowserOn(box, "studio", server);
  });
  after(async () => {
    await browser?.close();
    await box?.close();
  });

  test("says so, leaves out its best quality, and takes it up again when there is room", async (context) => {
    const viewers: Viewer[] = [];
    await withPictures(
      "uplink",
      () => viewers,
      async () => {
        const pages = await browser.newContext();
        // The fake camera takes next to no bits: this one moves all the time.
        await pages.addInitScript(() => {
          navigator.mediaDevices.getUserMedia = () => {
            const make = (width: number, height: number) => Object.assign(document.createElement("canvas"), { width, height });
            const [noise, canvas] = [make(1000, 700), make(854, 480)];
            const painter = noise.getContext("2d");
            for (let x = 0; x < 1000; x += 10) {
              for (let y = 0; y < 700; y += 10) {
                if (painter) painter.fillStyle = `rgb(${Math.random() * 255},${Math.random() * 255},${Math.random() * 255})`;
                painter?.fillRect(x, y, 10, 10);
              }
            }
            const pan = (n: number) => canvas.getContext("2d")?.drawImage(noise, -70 + 40 * Math.sin(n / 9), -100 + 40 * Math.cos(n / 11));
            let n = 0;
            setInterval(() => pan(n++), 50);
            return Promise.resolve(canvas.captureStream(20));
          };
        });
        const studio = await openViewer(pages, `${server.url}/broadcast`, "studio-uplink");
        viewers.push(studio);
        const { page } = studio;
        await page.getByRole("button", { name: "Allow camera and microphone" }).click();
        await page.getByRole("checkbox", { name: /^360p/ }).check();
        await page.getByRole("checkbox", { name: /^480p/ }).check();
        await page.getByLabel("Title", { exact: true }).fill("A line that becomes narrow");
        await page.getByRole("button", { name: "Go live" }).click();
        const watchUrl = await page.getByTestId("watch-link").inputValue({ timeout: patienceMs });
        const watching = ["one", "two"].map((host) => new NativeViewer(box, { watchUrl }, host));
        await Promise.all(watching.map((viewer) => viewer.plays(50)));
        const since = performance.now();
        await box.change({ site: "studio", up: narrow });
        await page.getByText(/^Your upload dropped to .* 480p is paused\.$/).waitFor({ timeout: patienceMs });
        const paused = (performance.now() - since) / 1000;
        await Promise.all(watching.map((viewer) => viewer.plays(50)));
        await box.change({ site: "studio", up: wide });
        await page.getByText("480p is sent again.").waitFor({ timeout: 2 * patienceMs });
        await Promise.all(watching.map((viewer) => viewer.plays(50)));
        for (const viewer of watching) assert.equal(viewer.stats()?.piecesFailed, 0);
        const skipped = watching.map((viewer) => viewer.stats()?.partsSkipped);
        context.diagnostic(`paused after ${paused.toFixed(1)} s; parts skipped ${skipped.join(", ")}`);
      },
    );
  });
});
