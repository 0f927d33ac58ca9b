import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, BrowserContext } from "playwright-core";
import { framesAdvance, launchBrowser, openViewer, until, withPictures, type Viewer } from "./browser.ts";
import { smallPicture, startServer, startSource, unassignedPort, type Server, type Source } from "./program.ts";

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

interface Told {
  peerId?: string;
  from?: string;
  candidates?: { peerId: string }[];
}

/** What stands between a page and the server: neither tells the other of the peer `hidden`, as if they had never met. */
class Between {
  self: string | undefined;
  hidden: string | undefined;

  static async of(context: BrowserContext): Promise<Between> {
    const between = new Between();
    await context.routeWebSocket(/socket\.io/, (page) => {
      const upstream = page.connectToServer();
      page.onMessage((message) => {
        const text = String(message);
        if (!between.hidden || !text.includes('"signal"') || !text.includes(`"to":"${between.hidden}"`)) upstream.send(message);
      });
      upstream.onMessage((message) => {
        const passed = between.#fromServer(String(message));
        if (passed !== undefined) page.send(passed);
      });
    });
    return between;
  }

  /** Socket.IO in text frames: a number for the kind and the acknowledgement, then a JSON array. */
  #fromServer(text: string): string | undefined {
    const at = text.indexOf("[");
    if (!/^4[23]/.test(text) || at < 0) return text;
    const values = JSON.parse(text.slice(at)) as unknown[];
    const told = values.at(-1) as Told;
    if (typeof told !== "object" || told === null) return text;
    if (told.peerId && told.candidates) this.self = told.peerId;
    if (!this.hidden) return text;
    if (told.from === this.hidden) return undefined;
    if (told.candidates) told.candidates = told.candidates.filter(({ peerId }) => peerId !== this.hidden);
    return text.slice(0, at) + JSON.stringify(values);
  }
}

test("while the server is dead, two viewers that never met become neighbors through the one that both have", async () => {
  source = await startSource(server, [...smallPicture, "--connections-max", "1"]);
  const viewers: Viewer[] = [];
  await withPictures(
    "without-server",
    () => viewers,
    async () => {
      const url = `${server.url}/watch/${source.streamId}`;
      const open = async (name: string, hidden?: string): Promise<Between> => {
        const context = await browser.newContext();
        const between = await Between.of(context);
        between.hidden = hidden;
        viewers.push(await openViewer(context, url, name));
        await framesAdvance(viewers.at(-1)!);
        return between;
      };
      const knows = (viewer: Viewer, peer: string) =>
        until(viewer, `met ${peer}`, ({ neighbors }) => neighbors.some(({ peerId }) => peerId === peer));
      const one = await open("one");
      const middle = await open("middle");
      const other = await open("other", one.self);
      one.hidden = other.self;
      const [first, , last] = viewers as [Viewer, Viewer, Viewer];
      await Promise.all([knows(first, middle.self!), knows(last, middle.self!)]);
      const before = await until(last, "plays", ({ partsPlayed }) => partsPlayed > 10);
      assert.ok(!before.neighbors.some(({ peerId }) => peerId === one.self), "they have not met");

      await server.program.stop("SIGKILL");
      await Promise.all([knows(first, other.self!), knows(last, one.self!)]);
      // Without the new link the stream would end here for the one that the source does not feed.
      await viewers[1]!.page.close();
      viewers.splice(1, 1);
      await framesAdvance(last, 60);
    },
  );
});
