import { mkdirSync, appendFileSync } from "node:fs";
import path from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { artifactsPath, patienceMs, timeOfDay } from "./program.ts";

/** Debian's Chromium; P2P_CHROMIUM names another. */
export const chromiumPath = process.env.P2P_CHROMIUM ?? "/usr/bin/chromium";

export async function launchBrowser(more: { executablePath?: string; args?: string[] } = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: more.executablePath ?? chromiumPath,
    args: [
      ...(more.args ?? []),
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
      // Peers of one machine find each other by address; the names that would hide it need multicast.
      "--disable-features=WebRtcHideLocalIpsWithMdns",
      "--autoplay-policy=no-user-gesture-required",
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      // Viewers share a window that shows one of them.
      "--disable-background-timer-throttling",
      "--disable-renderer-backgrounding",
      "--disable-backgrounding-occluded-windows",
    ],
  });
}

/** Pages that nobody looks at any more play on, and take the processors from the next test. */
export async function closePages(browser: Browser): Promise<void> {
  await Promise.all(browser.contexts().map((context) => context.close()));
}

/** What the page tells of itself (apps/web puts it on window for people who look under the bonnet). */
export interface Viewer {
  page: Page;
  name: string;
}

export interface ViewerStats {
  role: string;
  receivedFromPeersBytes: number;
  receivedFromSourceBytes: number;
  givenBytes: number;
  producedBytes: number;
  piecesVerified: number;
  piecesFailed: number;
  partsPlayed: number;
  partsSkipped: number;
  behindLiveS?: number;
  firstFrameMs?: number;
  firstFrameSteps?: Record<string, number>;
  stalls: number;
  droppedFrames: number;
  neighbors: { peerId: string; role: string; stripesIn: number; stripesOut: number; relayed: boolean }[];
}

export async function openViewer(context: BrowserContext, url: string, name: string): Promise<Viewer> {
  const page = await context.newPage();
  const log = (text: string) => {
    mkdirSync(artifactsPath, { recursive: true });
    appendFileSync(path.join(artifactsPath, `${name}.log`), `${timeOfDay()} ${text}\n`);
  };
  page.on("console", (message) => log(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => log(`page error: ${error.stack ?? error.message}`));
  await page.goto(url);
  return { page, name };
}

export function statsOf({ page }: Viewer): Promise<ViewerStats | undefined> {
  return page.evaluate(() => (globalThis as unknown as { p2pStream?: { stats(): ViewerStats | undefined } }).p2pStream?.stats());
}

/** Resolves when that many frames were shown after now: pictures advance. */
export async function framesAdvance({ page }: Viewer, count = 15): Promise<void> {
  await page.waitForFunction(() => (document.querySelector("video")?.videoWidth ?? 0) > 0, undefined, { timeout: patienceMs });
  await page.evaluate(
    ([frames, limitMs]) =>
      new Promise<void>((resolve, reject) => {
        const video = document.querySelector("video");
        if (!video) return reject(new Error("no video"));
        let left = frames;
        const timer = setTimeout(() => reject(new Error(`the picture stands still, ${left} of ${frames} frames missing`)), limitMs);
        const shown = () => {
          if (--left > 0) return video.requestVideoFrameCallback(shown);
          clearTimeout(timer);
          resolve();
        };
        video.requestVideoFrameCallback(shown);
      }),
    [count, patienceMs] as const,
  );
}

/** Polls the viewer's figures until they are as wished. */
export async function until(viewer: Viewer, what: string, wished: (stats: ViewerStats) => boolean): Promise<ViewerStats> {
  const deadline = Date.now() + patienceMs;
  let last: ViewerStats | undefined;
  while (Date.now() < deadline) {
    last = await statsOf(viewer);
    if (last && wished(last)) return last;
    await viewer.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100))));
  }
  throw new Error(`${viewer.name}: never ${what}; last ${JSON.stringify(last)}`);
}

/** Runs a test's body; when it fails, the pages' pictures stay behind. */
export async function withPictures(name: string, viewers: () => Viewer[], body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    mkdirSync(artifactsPath, { recursive: true });
    for (const viewer of viewers()) {
      await viewer.page.screenshot({ path: path.join(artifactsPath, `${name}-${viewer.name}.png`) }).catch(() => {});
    }
    throw error;
  }
}

/** Runs in a page before its scripts: data channels cannot be handed to workers, as in older browsers, so the engine stays in the page. */
export function keepEngineInPage(): void {
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (this: MessagePort, message: unknown, more?: unknown) {
    if (message instanceof RTCDataChannel) throw new DOMException("it cannot be cloned", "DataCloneError");
    post.call(this, message, more as StructuredSerializeOptions);
  } as typeof post;
}
