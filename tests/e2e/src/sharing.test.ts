import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { closePages, framesAdvance, launchBrowser, openViewer, until, withPictures, type Viewer } from "./browser.ts";
import { patienceMs, Program, smallPicture, startSource, type Server, type Source } from "./program.ts";

// What a viewer gives and shows of himself: the notice, its answers, and what the host wants (P2P_CONSENT). The server has its own TURN server.

let browser: Browser;
const running: Program[] = [];

async function startConsenting(consent: string): Promise<{ server: Server; source: Source }> {
  const flags = ["--port", "0", "--host", "127.0.0.1", "--turn-port", "0", "--turn-allow", "127.0.0.0/8", "--consent", consent];
  const program = Program.start(`serve-${consent}`, ["serve", ...flags]);
  const port = Number((await program.says(/listening on http:\/\/[^:]+:(\d+)/))[1]);
  const server = { program, port, url: `http://localhost:${port}`, numericUrl: `http://127.0.0.1:${port}` };
  const source = await startSource(server, smallPicture);
  running.push(source.program, program);
  return { server, source };
}

before(async () => {
  browser = await launchBrowser();
});
afterEach(async () => {
  await closePages(browser);
  for (const program of running.splice(0)) await program.stop();
});
after(() => browser?.close());

const notice = (page: Page) => page.getByRole("region", { name: "Sharing" });

async function open(source: Source, name: string, context = browser.newContext({ locale: "en-US" })): Promise<Viewer> {
  return openViewer(await context, source.watchUrl, name);
}

test("with a notice viewers give at once; the answer is kept for the next visit", { timeout: 4 * patienceMs }, async () => {
  const { source } = await startConsenting("notice");
  const viewers: Viewer[] = [];
  await withPictures(
    "consent-notice",
    () => viewers,
    async () => {
      const context = await browser.newContext({ locale: "en-US" });
      const first = await open(source, "notice-first", Promise.resolve(context));
      const second = await open(source, "notice-second");
      viewers.push(first, second);
      await Promise.all(viewers.map((viewer) => framesAdvance(viewer)));
      await until(second, "got anything from the other viewer", (stats) => stats.receivedFromPeersBytes > 0 || stats.givenBytes > 0);

      await notice(first.page).getByRole("button", { name: "Don't share" }).click();
      await notice(first.page).waitFor({ state: "detached" });
      await until(first, "stopped giving", ({ neighbors }) => neighbors.every(({ stripesOut }) => stripesOut === 0));
      await framesAdvance(first);
      await framesAdvance(second);

      await first.page.reload();
      await framesAdvance(first);
      assert.equal(await notice(first.page).count(), 0, "whoever answered is not asked again");
      await first.page.getByRole("button", { name: "Sharing" }).click();
      assert.equal(await first.page.getByRole("switch", { name: "Pass the stream on" }).isChecked(), false);
    },
  );
});

test("a viewer who hides his address is linked through the relay server alone", { timeout: 4 * patienceMs }, async () => {
  const { source } = await startConsenting("notice");
  const viewers: Viewer[] = [];
  await withPictures(
    "consent-hide",
    () => viewers,
    async () => {
      const viewer = await open(source, "hide");
      viewers.push(viewer);
      await framesAdvance(viewer);
      await until(viewer, "had a direct link", ({ neighbors }) => neighbors.some(({ relayed }) => !relayed));
      await notice(viewer.page).getByRole("button", { name: "Hide my address" }).click();
      await until(
        viewer,
        "was linked through the relay server alone",
        ({ neighbors }) => neighbors.length > 0 && neighbors.every(({ relayed }) => relayed),
      );
      await framesAdvance(viewer, 60);
      await viewer.page.getByTestId("ways").getByText("All links go through a relay server").waitFor();
    },
  );
});

test(
  "where the host asks, everything goes through the relay server until the answer, and directly after it",
  { timeout: 4 * patienceMs },
  async () => {
    const { source } = await startConsenting("ask");
    const viewers: Viewer[] = [];
    await withPictures(
      "consent-ask",
      () => viewers,
      async () => {
        const viewer = await open(source, "ask");
        viewers.push(viewer);
        await framesAdvance(viewer);
        const before = await until(viewer, "had links", ({ neighbors }) => neighbors.length > 0);
        assert.deepEqual(
          before.neighbors.filter(({ relayed }) => !relayed),
          [],
        );
        await notice(viewer.page).getByRole("button", { name: "Share", exact: true }).click();
        await notice(viewer.page).waitFor({ state: "detached" });
        await framesAdvance(viewer);
        await viewer.page.reload();
        await framesAdvance(viewer);
        await until(viewer, "had a direct link", ({ neighbors }) => neighbors.some(({ relayed }) => !relayed));
      },
    );
  },
);

test("where the host wants no peers, nobody is asked, and the relay server carries all", { timeout: 4 * patienceMs }, async () => {
  const { source } = await startConsenting("off");
  const viewers: Viewer[] = [];
  await withPictures(
    "consent-off",
    () => viewers,
    async () => {
      const viewer = await open(source, "off");
      viewers.push(viewer);
      await framesAdvance(viewer);
      const stats = await until(viewer, "had links", ({ neighbors }) => neighbors.length > 0);
      assert.deepEqual(
        stats.neighbors.filter(({ relayed }) => !relayed),
        [],
      );
      assert.equal(await notice(viewer.page).count(), 0);
      await viewer.page.getByRole("button", { name: "Sharing" }).click();
      await viewer.page.getByText("This host lets no viewer share").waitFor();
    },
  );
});

test("without a relay server, a host that asks shows nothing before the answer, and says so", { timeout: 4 * patienceMs }, async () => {
  const program = Program.start("serve-ask-alone", ["serve", "--port", "0", "--host", "127.0.0.1", "--turn", "off", "--consent", "ask"]);
  const port = Number((await program.says(/listening on http:\/\/[^:]+:(\d+)/))[1]);
  const source = await startSource({ program, port, url: `http://localhost:${port}`, numericUrl: `http://127.0.0.1:${port}` }, smallPicture);
  running.push(source.program, program);
  const viewers: Viewer[] = [];
  await withPictures(
    "consent-ask-alone",
    () => viewers,
    async () => {
      const viewer = await open(source, "ask-alone");
      viewers.push(viewer);
      await viewer.page.getByText("the host has no relay server").waitFor();
      await notice(viewer.page).getByRole("button", { name: "Share", exact: true }).click();
      await framesAdvance(viewer);
    },
  );
});
