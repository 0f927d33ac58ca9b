import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { framesAdvance, openViewer, until, withPictures, type Viewer } from "../../e2e/src/browser.ts";
import { launchBrowserOn } from "./chromium.ts";
import { Netbox, whyNotHere } from "./netbox.ts";
import { NativeViewer, startServer, startSource, type ServerInBox, type SourceInBox } from "./peers.ts";

describe("Chromium in a box", { skip: whyNotHere() ?? false }, () => {
  let box: Netbox, browser: Browser, server: ServerInBox, source: SourceInBox;

  before(async () => {
    const nat = { mapping: "endpoint-independent", filtering: "address-and-port-dependent" } as const;
    const line = { delay_ms: 10 };
    box = await Netbox.open({
      sites: [
        { name: "server", up: line, down: line },
        { name: "source", up: line, down: line, nat },
        { name: "native", up: line, down: line, nat },
        { name: "browser", up: line, down: line, nat },
      ],
    });
    server = await startServer(box, "server");
    source = await startSource(box, server, "source", { connectionsMax: 1 });
    browser = await launchBrowserOn(box, "browser", server);
  });
  after(async () => {
    await browser?.close();
    await box?.close();
  });

  test("behind a NAT, it plays what a native peer behind another NAT relays", async () => {
    // The source's one connection is the native peer's.
    const native = new NativeViewer(box, source, "native");
    await native.plays(5);
    const viewers: Viewer[] = [];
    await withPictures("browser", () => viewers, async () => {
      viewers.push(await openViewer(await browser.newContext(), source.watchUrl, "browser"));
      await framesAdvance(viewers[0]!, 60);
      const stats = await until(viewers[0]!, "lives from the native peer", ({ partsPlayed }) => partsPlayed > 10);
      assert.equal(stats.receivedFromSourceBytes, 0);
      assert.ok(stats.receivedFromPeersBytes > 0);
    });
  });
});
