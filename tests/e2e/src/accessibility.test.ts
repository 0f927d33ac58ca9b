import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, afterEach, before, test } from "node:test";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { closePages, framesAdvance, launchBrowser, openViewer, withPictures, type Viewer } from "./browser.ts";
import { patienceMs, smallPicture, startServer, startSource, type Server, type Source } from "./program.ts";

// Every page in its states, in both themes, on a desktop and on a phone: axe finds nothing (WCAG 2.2 AA and its own best practices), no
// page asks another host for anything, and none breaks its own Content-Security-Policy.

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser: Browser;
let server: Server;
const sources: Source[] = [];

before(async () => {
  server = await startServer();
  browser = await launchBrowser();
});
afterEach(() => closePages(browser));
after(async () => {
  await browser?.close();
  for (const source of sources) await source.program.stop();
  await server?.program.stop();
});

interface Look {
  name: string;
  dark: boolean;
  width: number;
  height: number;
}
const looks: Look[] = [
  { name: "desktop, dark", dark: true, width: 1440, height: 900 },
  { name: "desktop, light", dark: false, width: 1440, height: 900 },
  { name: "phone, dark", dark: true, width: 390, height: 844 },
  { name: "phone, light", dark: false, width: 360, height: 740 },
];

async function contextOf({ dark, width, height }: Look, faults: string[]): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    permissions: ["camera", "microphone"],
    reducedMotion: "reduce", // colours are judged as they come to rest
    locale: "en-US",
  });
  context.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith("http") && host !== new URL(server.url).host) faults.push(`asks ${host}: ${request.url()}`);
  });
  context.on("page", (page) =>
    page.on("console", (message) => {
      if (/Content.Security.Policy/i.test(message.text())) faults.push(message.text());
    }),
  );
  return context;
}

async function check(page: Page, state: string, faults: string[]): Promise<void> {
  await page.evaluate(axe);
  const results = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(context: Document, options: object): Promise<AxeResults> } };
    return axe.run(document, { resultTypes: ["violations"] });
  });
  for (const { id, help, nodes } of results.violations) {
    for (const { target, failureSummary } of nodes) {
      faults.push(`${state}: ${id}, ${help}: ${target.join(" ")}; ${failureSummary?.replaceAll("\n", " ")}`);
    }
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) faults.push(`${state}: the page is ${wide} pixels wider than its window`);
}

async function inEachLook(name: string, viewers: Viewer[], body: (page: Page, check: (state: string) => Promise<void>) => Promise<void>) {
  for (const look of looks) {
    const faults: string[] = [];
    const context = await contextOf(look, faults);
    const viewer = await openViewer(context, "about:blank", `accessible-${name}`);
    viewers.push(viewer);
    await body(viewer.page, (state) => check(viewer.page, `${look.name}, ${state}`, faults));
    await context.close();
    assert.deepEqual(faults, []);
  }
}

test("the check itself finds a button without a name, a page that is too wide, and a question to another host", async () => {
  const faults: string[] = [];
  const context = await contextOf(looks[0]!, faults);
  const page = await context.newPage();
  await page.goto(server.url);
  const told = page.waitForEvent("console", { predicate: (message) => message.text().includes("Content Security Policy"), timeout: patienceMs });
  await page.evaluate(() => {
    const button = document.createElement("button");
    button.style.width = "3000px";
    document.body.append(button);
    void fetch("http://127.0.0.2:9/").catch(() => {});
  });
  await told;
  await check(page, "spoilt", faults);
  for (const fault of [/button-name/, /wider than its window/, /Content Security Policy/]) assert.match(faults.join("\n"), fault);
});

test("Home, when nothing is live, and a page that does not exist", { timeout: 4 * patienceMs }, async () => {
  const viewers: Viewer[] = [];
  await withPictures(
    "accessible-empty",
    () => viewers,
    () =>
      inEachLook("empty", viewers, async (page, look) => {
        await page.goto(server.url);
        await page.getByText("Nothing is live yet.").waitFor();
        await look("nothing live");
        await page.goto(`${server.url}/nowhere`);
        await page.getByRole("heading", { name: "There is no page here." }).waitFor();
        await look("no such page");
      }),
  );
});

test("Home with streams, and without a match", { timeout: 4 * patienceMs }, async () => {
  sources.push(await startSource(server, [...smallPicture, "--category", "science", "--tag", "bars", "--tag", "clock"], "A pattern to look at"));
  const viewers: Viewer[] = [];
  await withPictures(
    "accessible-home",
    () => viewers,
    () =>
      inEachLook("home", viewers, async (page, look) => {
        await page.goto(server.url);
        await page.getByText("A pattern to look at").first().waitFor();
        await look("one stream");
        await page.goto(`${server.url}/?q=nobody+has+this`);
        await page.getByText(/^Nothing live/).waitFor();
        await look("no match");
      }),
  );
});

test("Watch: the notice, the menu, sharing, keys, the table, no such stream", { timeout: 6 * patienceMs }, async () => {
  const [source] = sources;
  assert.ok(source);
  const viewers: Viewer[] = [];
  await withPictures(
    "accessible-watch",
    () => viewers,
    () =>
      inEachLook("watch", viewers, async (page, look) => {
        await page.goto(source.watchUrl);
        await framesAdvance({ page, name: "watch" }, 3);
        await page.getByTestId("from-peers").waitFor();
        await look("playing, with the notice");
        await page.getByRole("button", { name: "Share", exact: true }).first().click();
        await page.getByRole("button", { name: "Settings", exact: true }).click();
        await page.getByRole("menu").waitFor();
        await look("settings");
        await page.getByRole("menuitem", { name: "Sharing" }).click();
        await page.getByRole("dialog", { name: "Sharing" }).waitFor();
        await look("sharing");
        await page.keyboard.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "detached" });
        await page.keyboard.press("?");
        await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
        await look("keys");
        await page.keyboard.press("Escape");
        await page.getByRole("button", { name: "As a table" }).click();
        await page.getByRole("table").waitFor();
        await look("table");
        await page.goto(`${server.url}/watch/${"0".repeat(20)}`);
        await page.getByText("No stream here.").waitFor();
        await look("no such stream");
      }),
  );
});

test("Broadcast: before the camera, setting up, live, and asked whether to end", { timeout: 6 * patienceMs }, async () => {
  const viewers: Viewer[] = [];
  await withPictures(
    "accessible-broadcast",
    () => viewers,
    () =>
      inEachLook("broadcast", viewers, async (page, look) => {
        await page.goto(`${server.url}/broadcast`);
        const allow = page.getByRole("button", { name: "Allow camera and microphone" });
        await allow.waitFor();
        await look("before the camera");
        await allow.click();
        await page.getByRole("table").waitFor();
        await look("setting up");
        await page.getByRole("button", { name: "Go live" }).click();
        await page.getByText("Give the stream a title").waitFor();
        await look("without a title");
        await page.getByLabel("Title", { exact: true }).fill("Accessible");
        await page.getByRole("button", { name: "Go live" }).click();
        await page.getByRole("button", { name: "Cancel" }).waitFor();
        await look("counting down");
        await page.getByTestId("watch-link").waitFor({ timeout: patienceMs });
        await look("live");
        await page.getByRole("button", { name: "End stream" }).click();
        await page.getByRole("alertdialog").waitFor();
        await look("asked whether to end");
        await page.getByRole("alertdialog").getByRole("button", { name: "End stream" }).click();
        await page.getByText("The stream has ended.").waitFor();
        await look("ended");
      }),
  );
});

test("Debug: a swarm that runs, and the mesh as a table", { timeout: 6 * patienceMs }, async () => {
  const viewers: Viewer[] = [];
  await withPictures(
    "accessible-debug",
    () => viewers,
    () =>
      inEachLook("debug", viewers, async (page, look) => {
        await page.goto(`${server.url}/debug?seed=7`);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await look("at first");
        await page.getByTestId("virtual-time").waitFor({ timeout: patienceMs });
        await page.locator(".debug-peer.playing").nth(10).waitFor({ timeout: patienceMs });
        await look("a swarm that runs");
        await page.getByTestId("mesh-graph").focus();
        await page.keyboard.press("ArrowRight");
        await page.keyboard.press("ArrowRight");
        await page.getByTestId("peer-panel").getByText("Behind live").waitFor({ timeout: patienceMs });
        await look("one peer");
        await page.getByRole("button", { name: "As a table" }).click();
        await page.getByRole("region", { name: "Peers" }).waitFor();
        await look("table");
      }),
  );
});
