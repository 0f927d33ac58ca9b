import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { sampleTimecodes } from "../../../bench/e2e/timecode.ts";
import { closePages, framesAdvance, launchBrowser, openViewer, statsOf, until, withPictures, type Viewer } from "./browser.ts";
import { patienceMs, smallPicture, startServer, startSource, type Server, type Source } from "./program.ts";

let browser: Browser;
let server: Server;
let source: Source;

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

test("a source with one connection feeds three viewers: two of them receive nothing from it", async () => {
  source = await startSource(server, [...smallPicture, "--connections-max", "1"]);
  const viewers: Viewer[] = [];
  await withPictures("relay", () => viewers, async () => {
    for (const name of ["first", "second", "third"]) {
      viewers.push(await openViewer(await browser.newContext(), `${server.url}/watch/${source.streamId}`, name));
      await framesAdvance(viewers.at(-1)!);
    }
    await Promise.all(viewers.map((viewer) => framesAdvance(viewer, 60)));
    const stats = await Promise.all(
      viewers.map((viewer) => until(viewer, "played for a while", ({ partsPlayed }) => partsPlayed > 30)),
    );
    const fedBySource = stats.filter(({ receivedFromSourceBytes }) => receivedFromSourceBytes > 0);
    assert.equal(fedBySource.length, 1, "one link of the source, one viewer fed by it");
    for (const { receivedFromPeersBytes, receivedFromSourceBytes } of stats) {
      if (receivedFromSourceBytes === 0) assert.ok(receivedFromPeersBytes > 100_000, "the others live from peers");
    }
  });
});

test("who goes back to the list and opens the stream again sees it again", async () => {
  const viewer = await openViewer(await browser.newContext(), `${server.url}/watch/${source.streamId}`, "returns");
  await framesAdvance(viewer);
  await viewer.page.getByRole("link", { name: "Live", exact: true }).click();
  await viewer.page.locator(`a[href="/watch/${source.streamId}"]`).first().click();
  await framesAdvance(viewer);
  await until(viewer, "plays anew", ({ partsPlayed }) => partsPlayed > 5);
});

test("who cannot play the codec is told so, and relays all the same", async () => {
  const context = await browser.newContext();
  await context.addInitScript(() => {
    const supported = MediaSource.isTypeSupported.bind(MediaSource);
    MediaSource.isTypeSupported = (type) => !type.includes("opus") && supported(type);
  });
  const viewer = await openViewer(context, `${server.url}/watch/${source.streamId}`, "no-codec");
  await viewer.page.getByText("This browser cannot play the stream's codec.").waitFor({ timeout: patienceMs });
  await until(viewer, "takes part", ({ piecesVerified }) => piecesVerified > 100);
  assert.ok(await viewer.page.getByText("This browser cannot play the stream's codec.").isVisible());
});

test("the distance to live that the page shows is that of the picture, whenever one came", async () => {
  await source.program.says(/encoded/); // it has run for ten seconds: its time and the viewer's differ
  const viewer = await openViewer(await browser.newContext(), `${server.url}/watch/${source.streamId}`, "late");
  await framesAdvance(viewer);
  // A busy machine shows a frame late, and sound sets the player's time: they agree once it keeps up. A wrong origin never agrees.
  const deadline = Date.now() + patienceMs;
  for (;;) {
    await viewer.page.evaluate(sampleTimecodes);
    await framesAdvance(viewer, 60);
    const { behindLiveS = Number.NaN } = (await statsOf(viewer)) ?? {};
    const { delays } = await viewer.page.evaluate(() => (globalThis as unknown as { stopSampling(): { delays: number[] } }).stopSampling());
    const inPictureS = (delays.at(-1) ?? Number.NaN) / 1000;
    if (Math.abs(behindLiveS - inPictureS) < 1) break;
    assert.ok(Date.now() < deadline, `the page says ${behindLiveS} s, the picture ${inPictureS} s`);
  }
});
