// `make screenshots`: every page as a picture, in both themes, on a desktop and on a phone, into build/screenshots. To be looked at beside the design.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { framesAdvance, launchBrowser } from "./browser.ts";
import { patienceMs, smallPicture, startServer, startSource, type Source } from "./program.ts";

const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../../build/screenshots");

const looks = [
  { name: "dark", colorScheme: "dark", width: 1440, height: 900, phone: false },
  { name: "light", colorScheme: "light", width: 1440, height: 900, phone: false },
  { name: "phone-dark", colorScheme: "dark", width: 390, height: 844, phone: true },
  { name: "phone-light", colorScheme: "light", width: 390, height: 844, phone: true },
] as const;
type Look = (typeof looks)[number];

interface Picture {
  name: string;
  address: string;
  /** Brings the page to what the picture is to show. */
  ready: (page: Page) => Promise<void>;
}

function pictures(source: Source): Picture[] {
  return [
    { name: "home", address: "/", ready: (page) => page.locator("a[href^='/watch/']").first().waitFor({ timeout: patienceMs }) },
    { name: "watch", address: `/watch/${source.streamId}`, ready: (page) => framesAdvance({ page, name: "watch" }, 60) },
    { name: "broadcast", address: "/broadcast", ready: (page) => page.getByRole("heading", { level: 1 }).waitFor({ timeout: patienceMs }) },
    { name: "debug", address: "/debug?seed=4711", ready: swarmPlays },
    { name: "not-found", address: "/nowhere", ready: (page) => page.getByRole("heading", { level: 1 }).waitFor({ timeout: patienceMs }) },
  ];
}

/** Nearly all of the viewers, after the first rush. */
async function swarmPlays(page: Page): Promise<void> {
  await page.getByRole("button", { name: "10×" }).click({ timeout: patienceMs });
  await page.waitForFunction(() => Number.parseFloat(document.querySelector("[data-testid=continuity]")?.textContent ?? "0") > 98, undefined, {
    timeout: patienceMs,
  });
}

function contextOf(browser: Browser, { colorScheme, width, height, phone }: Look): Promise<BrowserContext> {
  return browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: phone ? 2 : 1,
    hasTouch: phone,
    isMobile: phone,
    colorScheme,
    locale: "en-US",
    permissions: ["camera", "microphone"],
  });
}

const server = await startServer();
const source = await startSource(server, smallPicture, "Harbor at night");
const browser = await launchBrowser();
mkdirSync(folder, { recursive: true });
try {
  for (const look of looks) {
    for (const { name, address, ready } of pictures(source)) {
      const context = await contextOf(browser, look);
      const page = await context.newPage();
      await page.goto(server.url + address);
      await ready(page);
      const file = path.join(folder, `${name}-${look.name}.png`);
      await page.screenshot({ path: file });
      console.log(file);
      await context.close();
    }
  }
} finally {
  await browser.close();
  await source.program.stop();
  await server.program.stop();
}
