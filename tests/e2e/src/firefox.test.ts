import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, afterEach, before, test } from "node:test";
import { launch, type Browser, type Page } from "puppeteer-core";
import { closePages, framesAdvance, launchBrowser, openViewer, type ViewerStats } from "./browser.ts";
import { patienceMs, smallPicture, startServer, startSource, type Server, type Source } from "./program.ts";

// Firefox, as far as it can: it watches and relays; it has no MediaStreamTrackProcessor in pages, so it says that it cannot publish.

/** Debian's Firefox; P2P_FIREFOX names another. */
const firefoxPath = process.env.P2P_FIREFOX ?? "/usr/bin/firefox-esr";
const skip = existsSync(firefoxPath) ? false : `${firefoxPath} is not installed`;

let firefox: Browser | undefined;
let server: Server;
let source: Source;

before(async () => {
  if (skip) return;
  server = await startServer();
  source = await startSource(server, smallPicture, "For Firefox, too");
  firefox = await launch({
    browser: "firefox",
    executablePath: firefoxPath,
    headless: true,
    extraPrefsFirefox: {
      "intl.accept_languages": "en-US",
      "media.autoplay.default": 0,
      "media.navigator.permission.disabled": true,
      "media.navigator.streams.fake": true,
      // Peers of one machine find each other by address; the names that would hide it need multicast.
      "media.peerconnection.ice.obfuscate_host_addresses": false,
    },
  });
});
afterEach(async () => {
  for (const page of (await firefox?.pages()) ?? []) await page.close();
});
after(async () => {
  await firefox?.close();
  await source?.program.stop("SIGINT");
  await server?.program.stop();
});

const statsOf = (page: Page): Promise<ViewerStats | undefined> =>
  page.evaluate(() => (globalThis as unknown as { p2pStream?: { stats(): ViewerStats | undefined } }).p2pStream?.stats());

/** Polls what the page tells of itself until it is as wished. */
async function until(page: Page, what: string, wished: (stats: ViewerStats) => boolean): Promise<ViewerStats> {
  const deadline = Date.now() + patienceMs;
  let last: ViewerStats | undefined;
  while (Date.now() < deadline) {
    last = await statsOf(page);
    if (last && wished(last)) return last;
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
  }
  throw new Error(`never ${what}; last ${JSON.stringify(last)}\n${await page.evaluate(() => document.body.innerText)}`);
}

const playedS = (page: Page) => page.evaluate(() => document.querySelector("video")?.currentTime ?? 0);

test("a viewer in Firefox plays, and relays to one in Chromium", { skip, timeout: 6 * patienceMs }, async () => {
  const page = await firefox!.newPage();
  await page.goto(source.watchUrl);
  await until(page, "played", ({ partsPlayed }) => partsPlayed > 10);
  const then = await playedS(page);
  await page.waitForFunction((from) => (document.querySelector("video")?.currentTime ?? 0) > from + 3, { timeout: patienceMs }, then);

  const chromium = await launchBrowser();
  try {
    const viewer = await openViewer(await chromium.newContext(), source.watchUrl, "beside-firefox");
    await framesAdvance(viewer);
    const stats = await until(page, "exchanged anything with Chromium", ({ neighbors, givenBytes, receivedFromPeersBytes }) => {
      return neighbors.length >= 2 && givenBytes + receivedFromPeersBytes > 100_000;
    });
    assert.equal(stats.piecesFailed, 0);
    await closePages(chromium);
  } finally {
    await chromium.close();
  }
});

test("Broadcast in Firefox says what it lacks and what to do", { skip, timeout: 3 * patienceMs }, async () => {
  const page = await firefox!.newPage();
  await page.goto(`${server.url}/broadcast`);
  await page.waitForSelector("::-p-text(This browser cannot encode live video.)", { timeout: patienceMs });
});
