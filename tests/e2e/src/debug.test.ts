import { after, afterEach, before, test } from "node:test";
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { closePages, framesAdvance, launchBrowser, openViewer, withPictures, type Viewer } from "./browser.ts";
import { patienceMs, Program, startServer, type Server } from "./program.ts";

let browser: Browser;
let server: Server;
let opened: Viewer[] = [];

before(async () => {
  browser = await launchBrowser();
  server = await startServer();
});
afterEach(() => closePages(browser));
after(async () => {
  await browser?.close();
  await server?.program.stop();
});

async function openDebug(query: string, name: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true });
  const viewer = await openViewer(context, `${server.url}/debug?${query}`, name);
  opened.push(viewer);
  await viewer.page.getByTestId("virtual-time").waitFor({ timeout: patienceMs });
  return viewer.page;
}

function withDebug(name: string, body: () => Promise<void>) {
  opened = [];
  return withPictures(name, () => opened, body);
}

/** Waits until a figure of the page, read as a number, is as wished. */
async function until(page: Page, testId: string, wished: (value: number) => boolean): Promise<number> {
  const deadline = Date.now() + patienceMs;
  let text = "";
  while (Date.now() < deadline) {
    text = (await page.getByTestId(testId).textContent()) ?? "";
    const value = Number.parseFloat(text.replaceAll(",", ""));
    if (wished(value)) return value;
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100))));
  }
  throw new Error(`${testId} never became as wished; last it said "${text}"`);
}

async function slideTo(page: Page, label: string, key: "Home" | "End" | "ArrowRight" | "ArrowLeft", times = 1): Promise<void> {
  const slider = page.getByRole("slider", { name: label, exact: true });
  await slider.focus();
  for (let i = 0; i < times; ++i) await slider.press(key);
}

/** The digest that the run had after so many virtual seconds, out of its log. */
async function digestAt(page: Page, second: number): Promise<string> {
  await page.getByRole("button", { name: "run", exact: true }).click();
  const line = page
    .getByTestId("log")
    .locator("li", { hasText: `0:${second}.000` })
    .filter({ hasText: "digest" });
  return (await line.textContent({ timeout: patienceMs })) ?? "";
}

test("a seed opens a swarm whose viewers play, and the address says it", () =>
  withDebug("debug-plays", async () => {
    const page = await openDebug("seed=4711&viewers=12", "debug-plays");
    await until(page, "playing", (playing) => playing >= 10);
    await page.waitForURL(/seed=4711&viewers=12/);
    assert.equal(await page.getByLabel("Seed", { exact: true }).inputValue(), "4711");
    await until(page, "continuity", (percent) => percent > 90);
    assert.ok((await page.locator(".debug-peer").count()) >= 12);
    await page.getByTestId("log").locator("li", { hasText: "comes from" }).first().waitFor({ timeout: patienceMs });
  }));

test("sliders act at once: more viewers come, latency shows in the delay", () =>
  withDebug("debug-sliders", async () => {
    const page = await openDebug("seed=1&viewers=8&stay_s=0", "debug-sliders");
    await page.getByRole("button", { name: "10×" }).click();
    await until(page, "continuity", (percent) => percent > 95);
    const before = await until(page, "delay", (ms) => ms > 0);
    await slideTo(page, "Viewers", "ArrowRight", 10);
    const wanted = Number(await page.getByTestId("setting-viewers").textContent());
    assert.ok(wanted > 15, `the slider stands at ${wanted}`);
    await until(page, "playing", (playing) => playing >= wanted - 1);
    await slideTo(page, "Latency", "End");
    await until(page, "delay", (ms) => ms > before + 150);
    await page.waitForURL(/latency_ms=300/);
  }));

test("who is killed is gone, the others play on, and the slider follows", () =>
  withDebug("debug-kill", async () => {
    const page = await openDebug("seed=2&viewers=10&stay_s=0", "debug-kill");
    await page.getByRole("button", { name: "10×" }).click();
    await until(page, "playing", (playing) => playing === 10);
    await page.getByRole("button", { name: "Kill a relay" }).click();
    await page.getByTestId("log").getByText("is gone without a word").first().waitFor({ timeout: patienceMs });
    await until(page, "setting-viewers", (viewers) => viewers === 9);
    await until(page, "playing", (playing) => playing === 9);
    await page.getByRole("button", { name: "30 % leave" }).click();
    await until(page, "setting-viewers", (viewers) => viewers < 9);
    await page.getByRole("button", { name: "100 join" }).click();
    await until(page, "setting-viewers", (viewers) => viewers > 100);
    await until(page, "playing", (playing) => playing > 90);
  }));

test("poisoners are found and dropped, and nothing of theirs is played", () =>
  withDebug("debug-poison", async () => {
    const page = await openDebug("seed=3&viewers=16&stay_s=0&poisoners_percent=20", "debug-poison");
    await page.getByRole("button", { name: "10×" }).click();
    await until(page, "failed-pieces", (pieces) => pieces > 0);
    await page.getByRole("button", { name: "drop", exact: true }).click();
    await page.getByTestId("log").getByText("misbehaved").first().waitFor({ timeout: patienceMs });
    assert.equal(await page.getByTestId("bad-played").textContent(), "0");
  }));

test("the arrow keys choose a peer, whose figures and links are shown; Escape chooses none", () =>
  withDebug("debug-select", async () => {
    const page = await openDebug("seed=1&viewers=8&stay_s=0", "debug-select");
    await until(page, "playing", (playing) => playing >= 6);
    await page.getByTestId("mesh-graph").focus();
    await page.keyboard.press("ArrowRight");
    await page.getByRole("heading", { name: "source" }).waitFor({ timeout: patienceMs });
    await page.keyboard.press("ArrowRight");
    const panel = page.getByTestId("peer-panel");
    await panel.getByText("Behind live").waitFor({ timeout: patienceMs });
    await panel.getByRole("row").nth(1).waitFor({ timeout: patienceMs });
    await page.getByTestId("log").locator("li", { hasText: "ms after capture" }).first().waitFor({ timeout: patienceMs });
    await page.getByTestId("mesh-graph").focus();
    await page.keyboard.press("Escape");
    await page.getByTestId("playing").waitFor({ timeout: patienceMs });
    await page.getByRole("button", { name: "As a table" }).click();
    await page.getByRole("region", { name: "Peers" }).getByRole("row").nth(8).waitFor({ timeout: patienceMs });
  }));

test("the same seed gives the same digest in two pages and natively, another seed another", () =>
  withDebug("debug-digest", async () => {
    const pages = [
      await openDebug("seed=42&viewers=9&loss_ppm=10000", "debug-one"),
      await openDebug("seed=42&viewers=9&loss_ppm=10000", "debug-two"),
      await openDebug("seed=43&viewers=9&loss_ppm=10000", "debug-other"),
    ];
    await pages[1]?.getByRole("button", { name: "10×" }).click();
    const [one, two, other] = await Promise.all(pages.map((page) => digestAt(page, 10)));
    assert.match(one ?? "", /digest [0-9a-f]{16}/);
    assert.equal(one, two);
    assert.notEqual(one, other);

    const [page] = pages;
    await page?.getByRole("button", { name: "Pause" }).click();
    const download = page?.waitForEvent("download", { timeout: patienceMs });
    await page?.getByRole("button", { name: "Save trace" }).click();
    const trace = path.join(mkdtempSync(path.join(tmpdir(), "p2p-stream-")), "trace.jsonl");
    await (await download)?.saveAs(trace);
    const replayed = Program.start("replay", ["simulate", "--replay", trace]);
    await replayed.says(/as in the trace/);
    assert.equal(await replayed.exited, 0);
  }));

test("a pause stands still, and a seed that is none is refused with a sentence", () =>
  withDebug("debug-pause", async () => {
    const page = await openDebug("seed=6&viewers=4", "debug-pause");
    await page.getByRole("button", { name: "Pause" }).click();
    const time = page.getByTestId("virtual-time");
    await until(page, "rate", (rate) => rate === 0);
    const stands = await time.textContent();
    await page.getByLabel("Seed", { exact: true }).fill("many");
    await page.getByLabel("Seed", { exact: true }).press("Enter");
    await page.getByText("A seed is a whole number").waitFor({ timeout: patienceMs });
    assert.equal(await time.textContent(), stands);
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await until(page, "rate", (rate) => rate > 0.1);
    assert.notEqual(await time.textContent(), stands);
  }));

test("a real stream of the pattern plays at a real viewer, which reads its age out of the picture", () =>
  withDebug("debug-real", async () => {
    const page = await openDebug("seed=1&viewers=0", "debug-real");
    await page.getByRole("button", { name: "Pause" }).click(); // the processors are the real stream's
    await page.getByRole("button", { name: "Start a real stream" }).click();
    await page.getByRole("button", { name: "Add a real viewer" }).click({ timeout: patienceMs });
    await framesAdvance({ page, name: "debug-real" }, 30);
    const ms = await until(page, "glass-to-glass", (age) => age > 0);
    assert.ok(ms < 60_000, `${ms} ms old`);
    const links = page.getByTestId("webrtc");
    await links
      .getByText(/(host|prflx) to (host|prflx), udp/)
      .first()
      .waitFor({ timeout: patienceMs });
    assert.ok((await links.getByRole("row").count()) >= 3, "both ends of the link are shown");
    await page.getByRole("button", { name: "End the real stream" }).click();
    await page.getByRole("button", { name: "Start a real stream" }).waitFor({ timeout: patienceMs });
    assert.equal(await page.getByTestId("real-viewer").count(), 0);
  }));
