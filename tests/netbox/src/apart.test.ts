import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { framesAdvance, openViewer, until as untilViewer, withPictures, type Viewer } from "../../e2e/src/browser.ts";
import { launchBrowserOn } from "./chromium.ts";
import { Netbox, whyNotHere } from "./netbox.ts";
import { NativeViewer, sourceRole, startServer, startSource, until, type PeerStats, type ServerInBox, type SourceInBox } from "./peers.ts";

const symmetric = "address-and-port-dependent";
const line = { delay_ms: 10 };

const relayedPeers = (stats?: PeerStats) => (stats?.neighbors ?? []).filter(({ relayed, role }) => relayed && role !== sourceRole);

describe("networks that keep peers apart", { skip: whyNotHere() ?? false }, () => {
  let box: Netbox;
  let server: ServerInBox, source: SourceInBox;
  let left: NativeViewer, right: NativeViewer, office: NativeViewer;

  before(async () => {
    box = await Netbox.open({
      sites: [
        { name: "server", up: line, down: line },
        { name: "source", up: line, down: line },
        { name: "left", up: line, down: line, nat: symmetric },
        { name: "right", up: line, down: line, nat: symmetric },
        { name: "browser", up: line, down: line, nat: symmetric },
        { name: "office", up: line, down: line, nat: "endpoint-independent", udp: "blocked" },
      ],
    });
    server = await startServer(box, "server");
    source = await startSource(box, server, "source", { connectionsMax: 1 });
    left = new NativeViewer(box, source, "left");
    await left.plays(5); // it has the source's one connection
    right = new NativeViewer(box, source, "right");
    office = new NativeViewer(box, source, "office");
  });
  after(() => box?.close());

  test("two peers behind symmetric NATs play through the server's relay, and say so", async () => {
    await right.plays(30);
    await until("right is fed through the relay", () => relayedPeers(right.stats()).some(({ receivedBytes }) => receivedBytes > 0));
    const all = [left, right].map((viewer) => viewer.stats()?.neighbors ?? []);
    assert.ok(all.flat().every(({ role, relayed }) => role !== sourceRole || !relayed), "who reaches the source directly does so");
    assert.equal(right.stats()?.receivedFromSourceBytes, 0);
    await right.program.says(/1 of 1 links go through a relay server \(TURN\)/);
    assert.match(right.program.output, /link to [0-9a-f]{4} is up, through a relay/);
  });

  test("Chromium behind another symmetric NAT does so too, and its panel says so", async () => {
    const browser = await launchBrowserOn(box, "browser", server);
    try {
      const viewers: Viewer[] = [];
      await withPictures("apart", () => viewers, async () => {
        const viewer = await openViewer(await browser.newContext(), source.watchUrl, "apart");
        viewers.push(viewer);
        await framesAdvance(viewer, 60);
        const { neighbors, receivedFromSourceBytes } = await untilViewer(viewer, "plays through the relay", ({ partsPlayed }) => partsPlayed > 10);
        assert.equal(receivedFromSourceBytes, 0);
        assert.ok(neighbors.every(({ relayed }) => relayed));
        await viewer.page.getByText("All links go through a relay server (TURN).").waitFor();
      });
    } finally {
      await browser.close();
    }
  });

  test("where UDP is blocked a native viewer gets nothing, and is told why", async () => {
    await office.program.says(/Nothing has come for 20 s: .* may block UDP/);
    assert.match(office.program.output, /watching "Test pattern"/, "the server is reached over TCP");
    assert.equal(office.parts().length, 0);
    assert.ok(((await box.stats()).sites.office?.udp_blocked ?? 0) > 0);
  });
});
