import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { framesAdvance, launchBrowser, openViewer, withPictures, type Viewer } from "./browser.ts";
import { patienceMs, startServer, unassignedPort, type Server } from "./program.ts";

let browser: Browser;
let server: Server;

before(async () => {
  browser = await launchBrowser();
  server = await startServer(await unassignedPort()); // nobody takes it while no server listens
});
after(async () => {
  await browser?.close();
  await server?.program.stop();
});

const lines = (page: Page) => page.getByRole("log").getByRole("listitem");
const line = (page: Page, text: string) => lines(page).filter({ hasText: text });

async function say(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.getByRole("button", { name: "Send" }).click();
}

/** All of them show it, and none as one that is still on its way. */
async function allSee(pages: Page[], text: string): Promise<void> {
  for (const page of pages) {
    await line(page, text).waitFor({ timeout: patienceMs });
    await line(page, text).and(page.locator(":not(.unheard)")).waitFor({ timeout: patienceMs });
  }
}

async function nobodySees(pages: Page[], text: string): Promise<void> {
  for (const page of pages) await line(page, text).waitFor({ state: "detached", timeout: patienceMs });
}

/** What is shown, in order, without names. */
const shown = (page: Page) => lines(page).locator("bdi:last-of-type").allInnerTexts();

test("a broadcaster and viewers talk; the streamer moderates; the talk goes on without the server", async () => {
  const viewers: Viewer[] = [];
  await withPictures(
    "chat",
    () => viewers,
    async () => {
      const studio = await openViewer(await browser.newContext({ permissions: ["camera", "microphone"] }), `${server.url}/broadcast`, "studio");
      viewers.push(studio);
      await studio.page.getByRole("button", { name: "Allow camera and microphone" }).click();
      await studio.page.getByLabel("Title").fill("Harbor");
      await studio.page.getByRole("button", { name: "Go live" }).click();
      const link = await studio.page.getByTestId("watch-link").inputValue({ timeout: patienceMs });
      const enter = async (name: string) => {
        const viewer = await openViewer(await browser.newContext(), link, name);
        viewers.push(viewer);
        await framesAdvance(viewer);
        return viewer.page;
      };
      const one = await enter("one");
      const two = await enter("two");
      const all = [studio.page, one, two];

      // Everybody hears everybody, in one order.
      await say(one, "Good evening from the quay");
      await allSee(all, "Good evening from the quay");
      await say(studio.page, "Welcome");
      await allSee(all, "Welcome");
      await say(two, "Which berth tonight? :anchor:");
      await allSee(all, "Which berth tonight?");
      for (const page of all) {
        assert.deepEqual(await shown(page), ["Good evening from the quay", "Welcome", "Which berth tonight? "]);
        assert.equal(await line(page, "Which berth").getByAltText(":anchor:").count(), 1);
        assert.equal(await line(page, "Welcome").getByLabel("streamer").count(), 1);
      }

      // By keyboard alone: C hides and shows the panel, E picks an emote.
      await one.locator("body").press("c");
      await one.getByRole("log").waitFor({ state: "detached", timeout: patienceMs });
      await one.locator("body").press("c");
      await allSee([one], "Which berth tonight?");
      await one.locator("body").press("e");
      await one.getByRole("textbox", { name: "Search emotes" }).pressSequentially("wav");
      await one.getByRole("textbox", { name: "Search emotes" }).press("Enter");
      assert.equal(await one.getByRole("textbox", { name: "Message" }).inputValue(), ":wave: ");

      // What looks like markup is text; an address is a link that gives nothing away.
      const markup = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> javascript:alert(1) https://example.org/?a=1`;
      await say(two, markup);
      await allSee(all, "javascript:alert(1)");
      for (const page of all) {
        assert.equal(await line(page, "javascript:alert(1)").locator("bdi").last().innerText(), markup);
        assert.equal(await line(page, "javascript:alert(1)").locator("script, img").count(), 0);
        const links = line(page, "javascript:alert(1)").getByRole("link");
        assert.equal(await links.count(), 1);
        assert.equal(await links.getAttribute("href"), "https://example.org/?a=1");
        assert.equal(await links.getAttribute("rel"), "noopener noreferrer nofollow");
        assert.equal(await links.getAttribute("target"), "_blank");
        assert.equal(await page.evaluate(() => "hacked" in globalThis), false);
      }

      // A reaction is counted at all.
      await one.getByRole("button", { name: "React with heart" }).click();
      for (const page of all) await page.getByRole("button", { name: "React with heart, 1 in the last 10 s" }).waitFor({ timeout: patienceMs });

      // The streamer deletes a message and pins another; a newcomer gets all of that as it is now.
      const act = async (text: string, action: RegExp) => {
        await line(studio.page, text).hover();
        await line(studio.page, text).getByRole("button", { name: "What to do with this message" }).click();
        await line(studio.page, text).getByRole("button", { name: action }).click();
      };
      await act("javascript:alert(1)", /^Delete/);
      await nobodySees(all, "javascript:alert(1)");
      await act("Which berth tonight?", /^Pin/);
      for (const page of all) await page.locator(".chat-pin").getByText("Which berth tonight?").waitFor({ timeout: patienceMs });
      const three = await enter("three");
      await allSee([three], "Which berth tonight?");
      await three.locator(".chat-pin").getByText("Which berth tonight?").waitFor({ timeout: patienceMs });
      assert.deepEqual(await shown(three), ["Good evening from the quay", "Welcome", "Which berth tonight? "]);
      all.push(three);

      // The server dies. The talk does not.
      await server.program.stop("SIGKILL");
      await one.getByText("Server away. Peers keep this stream going.").waitFor({ timeout: patienceMs });
      await say(three, "Still here");
      await allSee(all, "Still here");
      await say(studio.page, "So are we");
      await allSee(all, "So are we");

      // Mute: gone for everybody, and said so.
      await act("Good evening from the quay", /^Mute/);
      await nobodySees(all, "Good evening from the quay");
      await one.getByText("The streamer muted you.").waitFor({ timeout: patienceMs });
      assert.ok(await one.getByRole("textbox", { name: "Message" }).isDisabled());
      await studio.page.getByRole("button", { name: "Unmute all" }).click();
      await one.getByText("The streamer muted you.").waitFor({ state: "detached", timeout: patienceMs });

      // Slow mode: the field counts down.
      await studio.page.getByLabel("Slow mode").selectOption({ label: "1 min" });
      await two.getByText("Slow mode: one message in 1 min.").waitFor({ timeout: patienceMs });
      await say(two, "Slowly now");
      await allSee(all, "Slowly now");
      await two.getByPlaceholder(/^You can write again in \d:\d\d\.$/).waitFor({ timeout: patienceMs });
    },
  );
});
