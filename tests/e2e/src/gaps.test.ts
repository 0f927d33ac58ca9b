import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { closePages, framesAdvance, keepEngineInPage, launchBrowser, openViewer, statsOf, until, withPictures, type Viewer } from "./browser.ts";
import { smallPicture, startServer, startSource, type Server, type Source } from "./program.ts";

let browser: Browser;
let server: Server;
let source: Source;

before(async () => {
  browser = await launchBrowser();
  server = await startServer();
  source = await startSource(server, smallPicture);
});
afterEach(() => closePages(browser));
after(async () => {
  await browser?.close();
  await source?.program.stop("SIGINT");
  await server?.program.stop();
});

/** Pieces are lost on their way while globalThis.losing is true; what is said about them arrives. */
function losePiecesOnDemand(): void {
  const create = RTCPeerConnection.prototype.createDataChannel;
  RTCPeerConnection.prototype.createDataChannel = function (this: RTCPeerConnection, label: string, options?: RTCDataChannelInit) {
    const channel = create.call(this, label, options);
    if (label !== "pieces") return channel;
    let handler: ((event: MessageEvent) => void) | null = null;
    channel.addEventListener("message", (event) => {
      if (!(globalThis as { losing?: boolean }).losing) handler?.(event);
    });
    Object.defineProperty(channel, "onmessage", { set: (given: typeof handler) => (handler = given), get: () => handler });
    return channel;
  };
}

const lose = (page: Page, losing: boolean) => page.evaluate((now) => void ((globalThis as { losing?: boolean }).losing = now), losing);

for (const [name, beforeThat] of [
  ["in the first moments", (viewer: Viewer) => framesAdvance(viewer, 1)],
  ["after a while", (viewer: Viewer) => until(viewer, "plays", ({ partsPlayed }) => partsPlayed > 30)],
] as const) {
  test(`the picture goes on after seconds without pieces, ${name}`, async () => {
    const context = await browser.newContext();
    await context.addInitScript(keepEngineInPage); // where a test reaches its channels
    await context.addInitScript(losePiecesOnDemand);
    const viewer = await openViewer(context, `${server.url}/watch/${source.streamId}`, `gap-${name.replaceAll(" ", "-")}`);
    await withPictures(
      "gaps",
      () => [viewer],
      async () => {
        await beforeThat(viewer);
        for (const partsLost of [8, 25]) {
          const skipped = (await statsOf(viewer))?.partsSkipped ?? 0;
          await lose(viewer.page, true);
          await until(viewer, "skipped", ({ partsSkipped }) => partsSkipped >= skipped + partsLost);
          await lose(viewer.page, false);
          await framesAdvance(viewer, 60);
        }
        assert.ok((await until(viewer, "plays", () => true)).stalls > 0, "it was told that the picture stood still");
      },
    );
  });
}
