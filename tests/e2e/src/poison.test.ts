import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { framesAdvance, launchBrowser, openViewer, statsOf, until, withPictures, type Viewer } from "./browser.ts";
import { Program, programPath, smallPicture, startServer, startSource, type Server, type Source } from "./program.ts";

let browser: Browser;
let server: Server;
let source: Source;
let polluter: Program;

before(async () => {
  browser = await launchBrowser();
  server = await startServer();
});
after(async () => {
  await browser?.close();
  await polluter?.stop();
  await source?.program.stop("SIGINT");
  await server?.program.stop();
});

test("who spoils what he relays is dropped; nobody plays or passes on a bad piece", async () => {
  // One link of the source, and the polluter has it first: honest viewers meet his pieces before any other.
  source = await startSource(server, [...smallPicture, "--connections-max", "2"]);
  const url = `${server.url}/watch/${source.streamId}`;
  polluter = Program.start("polluter", ["--url", url], path.join(path.dirname(programPath), "p2p-polluter"));
  await polluter.says(/relaying/);
  const viewers: Viewer[] = [];
  await withPictures("poison", () => viewers, async () => {
    for (const name of ["honest-1", "honest-2"]) {
      viewers.push(await openViewer(await browser.newContext(), url, name));
      await framesAdvance(viewers.at(-1)!);
    }
    await polluter.says(/spoilt a piece/);
    const before = await Promise.all(viewers.map((viewer) => statsOf(viewer)));
    const stats = await Promise.all(
      viewers.map((viewer, i) => until(viewer, "played on", ({ partsPlayed }) => partsPlayed > (before[i]?.partsPlayed ?? 0) + 50)),
    );
    await Promise.all(viewers.map((viewer) => framesAdvance(viewer, 30)));
    const failed = stats.reduce((sum, { piecesFailed }) => sum + piecesFailed, 0);
    assert.ok(failed > 0, "somebody met a bad piece");
    // Each bad piece was thrown away before it reached a player or a neighbor: the honest never accuse each other.
    for (const [index, viewer] of viewers.entries()) {
      const other = viewers[1 - index]!;
      const { neighbors } = stats[index]!;
      assert.ok(neighbors.some(({ role }) => role !== "leaf" || neighbors.length > 0), `${viewer.name} kept its neighbors`);
      assert.ok(stats[index]!.piecesFailed <= 16, `${viewer.name} dropped him at his first bad pieces, not those of ${other.name} too`);
    }
  });
});
