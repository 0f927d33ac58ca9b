import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { framesAdvance, openViewer, statsOf, until as untilViewer, withPictures, type Viewer } from "../../e2e/src/browser.ts";
import { launchBrowserOn } from "./chromium.ts";
import { startCoturn } from "./coturn.ts";
import { Netbox, whyNotHere } from "./netbox.ts";
import { NativeViewer, startServer, startSource, until, type ServerInBox, type SourceInBox } from "./peers.ts";

const symmetric = "address-and-port-dependent";
const line = { delay_ms: 10 };
const secret = "shared with coturn";

describe("coturn, with credentials made for each member", { skip: whyNotHere() ?? false }, () => {
  let box: Netbox;
  before(async () => {
    box = await Netbox.open({
      sites: [
        { name: "server", up: line, down: line },
        { name: "server-tcp", up: line, down: line },
        { name: "server-tls", up: line, down: line },
        { name: "coturn", up: line, down: line },
        { name: "source", up: line, down: line },
        { name: "source-tcp", up: line, down: line },
        { name: "source-tls", up: line, down: line },
        { name: "left", up: line, down: line, nat: symmetric },
        { name: "right", up: line, down: line, nat: symmetric },
        { name: "office", hosts: ["desk", "lobby"], up: line, down: line, nat: "endpoint-independent", udp: "blocked" },
      ],
    });
    await startCoturn(box, "coturn", secret);
  });
  after(() => box?.close());

  const serverWith = (host: string, urls: string) => startServer(box, host, { urls, secret });

  test("over UDP, native peers behind symmetric NATs play through it", async () => {
    const server = await serverWith("server", `turn:${box.host("coturn").address}:3478`);
    const source = await startSource(box, server, "source", { connectionsMax: 1 });
    const left = new NativeViewer(box, source, "left");
    await left.plays(5);
    const right = new NativeViewer(box, source, "right");
    await right.plays(20);
    await until(
      "right is fed through coturn",
      () => right.stats()?.neighbors.some(({ relayed, receivedBytes }) => relayed && receivedBytes > 0) ?? false,
    );
    assert.equal(right.stats()?.receivedFromSourceBytes, 0);
    await Promise.all([left, right].map(({ program }) => program.stop()));
  });

  /** Chromium where UDP is blocked. */
  async function playsInTheOffice(host: string, server: ServerInBox, source: SourceInBox): Promise<void> {
    // coturn's certificate is the test's own.
    const browser: Browser = await launchBrowserOn(box, host, server, ["--ignore-certificate-errors"]);
    try {
      const viewers: Viewer[] = [];
      await withPictures(
        `office-${host}`,
        () => viewers,
        async () => {
          const viewer = await openViewer(await browser.newContext(), source.watchUrl, `office-${host}`);
          viewers.push(viewer);
          await framesAdvance(viewer, 60);
          await untilViewer(viewer, "plays through the relay", ({ partsPlayed }) => partsPlayed > 10);
          assert.ok((await statsOf(viewer))?.neighbors.every(({ relayed }) => relayed));
          await viewer.page.getByText("All links go through a relay server (TURN).").waitFor();
        },
      );
    } finally {
      await browser.close();
    }
  }

  test("over TCP, Chromium plays where UDP is blocked, and its panel says how", async () => {
    const server = await serverWith("server-tcp", `turn:${box.host("coturn").address}:3478?transport=tcp`);
    await playsInTheOffice("desk", server, await startSource(box, server, "source-tcp"));
  });

  test("over TLS, Chromium plays where UDP is blocked", async () => {
    const server = await serverWith("server-tls", `turns:${box.host("coturn").address}:5349?transport=tcp`);
    await playsInTheOffice("lobby", server, await startSource(box, server, "source-tls"));
  });
});
