import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { framesAdvance, launchBrowser, openViewer, until, withPictures, type Viewer } from "./browser.ts";
import { startServer, startSource, type Server, type Source } from "./program.ts";

let browser: Browser;
let server: Server;
let source: Source;

before(async () => {
  browser = await launchBrowser();
  server = await startServer();
});
after(async () => {
  await browser?.close();
  await source?.program.stop("SIGINT");
  await server?.program.stop();
});

test("a source with one connection feeds three viewers: two of them receive nothing from it", async () => {
  source = await startSource(server, ["--connections-max", "1"]);
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
