import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { framesAdvance, launchBrowser, openViewer, until, withPictures, type Viewer } from "./browser.ts";
import { patienceMs, smallPicture, startServer, startSource, unassignedPort, type Server, type Source } from "./program.ts";

let browser: Browser;
let server: Server;
let source: Source;

before(async () => {
  browser = await launchBrowser();
  server = await startServer(await unassignedPort()); // nobody takes it while no server listens
});
after(async () => {
  await browser?.close();
  await source?.program.stop("SIGINT");
  await server?.program.stop();
});

test("viewers play on while the server is dead, return to their room when it is back, and a newcomer can join", async () => {
  source = await startSource(server, [...smallPicture, "--connections-max", "1"]);
  const viewers: Viewer[] = [];
  await withPictures("server-death", () => viewers, async () => {
    const url = `${server.url}/watch/${source.streamId}`;
    for (const name of ["stays-1", "stays-2"]) {
      viewers.push(await openViewer(await browser.newContext(), url, name));
      await framesAdvance(viewers.at(-1)!);
    }
    const before = await Promise.all(viewers.map((viewer) => until(viewer, "played", ({ partsPlayed }) => partsPlayed > 10)));
    const peers = before.map(({ neighbors }) => neighbors.map(({ peerId }) => peerId).sort());

    await server.program.stop("SIGKILL");
    await viewers[0]!.page.getByText("Server away. Peers keep this stream going.").waitFor({ timeout: patienceMs });
    // Far more than any buffer holds: what is shown now was relayed while the server was dead.
    await Promise.all(viewers.map((viewer, i) => until(viewer, "went on", ({ partsPlayed }) => partsPlayed > before[i]!.partsPlayed + 60)));
    await Promise.all(viewers.map((viewer) => framesAdvance(viewer, 30)));
    // Long after the time that a page waits for its first answer: nobody was told that the server cannot be reached and left with that.
    for (const viewer of viewers) assert.ok(await viewer.page.getByText("Server away. Peers keep this stream going.").isVisible());

    server = await startServer(server.port);
    for (const viewer of viewers) {
      await viewer.page.getByText("Server away.").waitFor({ state: "hidden", timeout: patienceMs });
    }
    const newcomer = await openViewer(await browser.newContext(), url, "newcomer");
    viewers.push(newcomer);
    await framesAdvance(newcomer);
    const stats = await until(newcomer, "was fed by a peer", ({ receivedFromPeersBytes }) => receivedFromPeersBytes > 100_000);
    // The old viewers kept their names: the newcomer meets who was there before.
    const known = new Set(peers.flat());
    assert.ok(stats.neighbors.some(({ peerId }) => known.has(peerId)), "its neighbors are the viewers from before");
    for (const [i, viewer] of viewers.slice(0, 2).entries()) {
      const { partsSkipped } = await until(viewer, "plays", () => true);
      assert.equal(partsSkipped, before[i]!.partsSkipped, "nothing was lost since the server died");
    }
  });
});
