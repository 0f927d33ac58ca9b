import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { closePages, framesAdvance, launchBrowser, openViewer, withPictures, type Viewer } from "./browser.ts";
import { patienceMs, smallPicture, startServer, startSource, type Server } from "./program.ts";

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

test("the home page shows what goes live and what ends, without a reload", async () => {
  const viewers: Viewer[] = [];
  await withPictures("home", () => viewers, async () => {
    const home = await openViewer(await browser.newContext(), server.url, "home");
    viewers.push(home);
    await home.page.getByText("Nothing is live yet.").waitFor({ timeout: patienceMs });
    const source = await startSource(server, smallPicture);
    const card = home.page.locator(".card");
    await card.getByText("Test pattern").waitFor({ timeout: patienceMs });
    assert.equal(await home.page.locator(`a[href="/watch/${source.streamId}"]`).count(), 1);
    await source.program.stop("SIGINT");
    await card.getByText("Ended").waitFor({ timeout: patienceMs });
  });
});

test("the list is filtered and searched, and the address says how", async () => {
  const viewers: Viewer[] = [];
  const sources = [
    await startSource(server, [...smallPicture, "--category", "music", "--tag", "jazz"], "Trio set"),
    await startSource(server, [...smallPicture, "--category", "code", "--tag", "beginner"], "Parser from scratch"),
  ];
  await withPictures("home-filter", () => viewers, async () => {
    const context = await browser.newContext();
    const home = await openViewer(context, server.url, "home-filter");
    viewers.push(home);
    const { page } = home;
    const trio = page.locator(".card:not([data-ended])").filter({ hasText: "Trio set" });
    const parser = page.locator(".card:not([data-ended])").filter({ hasText: "Parser from scratch" });
    await trio.waitFor({ timeout: patienceMs });
    await parser.waitFor({ timeout: patienceMs });
    await page.getByRole("button", { name: "Music", exact: true }).click();
    await parser.waitFor({ state: "detached", timeout: patienceMs });
    assert.equal(new URL(page.url()).search, "?category=music");
    await page.getByRole("button", { name: "All", exact: true }).click();
    await parser.waitFor({ timeout: patienceMs });
    await page.keyboard.press("/");
    await page.keyboard.type("PARSER");
    await trio.waitFor({ state: "detached", timeout: patienceMs });
    assert.equal(new URL(page.url()).searchParams.get("q"), "PARSER");
    await page.getByRole("searchbox").fill("");
    await page.getByRole("button", { name: "jazz", exact: true }).click();
    await parser.waitFor({ state: "detached", timeout: patienceMs });
    await page.reload();
    await trio.waitFor({ timeout: patienceMs });
    assert.equal(await parser.count(), 0, "a link shows the same");
    await page.getByRole("button", { name: "Code", exact: true }).click();
    await page.getByText("Nothing live in Code with jazz.").waitFor({ timeout: patienceMs });
    await page.getByRole("button", { name: "Clear filters" }).click();
    await parser.waitFor({ timeout: patienceMs });
  });
  for (const source of sources) await source.program.stop("SIGINT");
});

test("an unknown stream and a wrong address say what to do next", async () => {
  const context = await browser.newContext();
  const unknown = await openViewer(context, `${server.url}/watch/0123456789abcdef0123`, "unknown");
  await unknown.page.getByText("No stream here. The link may be old.").waitFor({ timeout: patienceMs });
  assert.ok(await unknown.page.getByRole("link", { name: "What is live" }).isVisible());
  const nowhere = await openViewer(context, `${server.url}/nothing/here`, "nowhere");
  await nowhere.page.getByText("There is no page here.").waitFor({ timeout: patienceMs });
});

test("a link that was opened too early plays once the stream is live", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "p2p-e2e-"));
  try {
    const key = [...smallPicture, "--key", path.join(folder, "key.pem")];
    const rehearsal = await startSource(server, key);
    await rehearsal.program.stop("SIGINT");
    const early = await openViewer(await browser.newContext(), `${server.url}/watch/${rehearsal.streamId}`, "early");
    await early.page.getByText("No stream here.").waitFor({ timeout: patienceMs });
    const source = await startSource(server, key);
    assert.equal(source.streamId, rehearsal.streamId, "the key names the stream");
    await framesAdvance(early);
    await source.program.stop("SIGINT");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
