import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Netbox, whyNotHere } from "./netbox.ts";
import { NativeViewer, sourceRole, startServer, startSource } from "./peers.ts";

// One box for all: each story waits for a dial to be given up, which takes 15 s (docs/links.md).
describe("networks that keep peers apart", { skip: whyNotHere() ?? false }, () => {
  const symmetric = "address-and-port-dependent";
  const line = { delay_ms: 10 };
  let box: Netbox;
  let left: NativeViewer, right: NativeViewer, office: NativeViewer;

  before(async () => {
    box = await Netbox.open({
      sites: [
        { name: "server", up: line, down: line },
        { name: "source", up: line, down: line },
        { name: "left", up: line, down: line, nat: symmetric },
        { name: "right", up: line, down: line, nat: symmetric },
        { name: "office", up: line, down: line, nat: "endpoint-independent", udp: "blocked" },
      ],
    });
    const source = await startSource(box, await startServer(box, "server"), "source");
    [left, right, office] = ["left", "right", "office"].map((host) => new NativeViewer(box, source, host)) as [NativeViewer, NativeViewer, NativeViewer];
  });
  after(() => box?.close());

  test("two peers behind symmetric NATs cannot connect, and both get the stream from others", async () => {
    await Promise.all([left.plays(10), right.plays(10)]);
    await Promise.any([left, right].map((viewer) => viewer.program.says(/link to [0-9a-f]+ is down: no/)));
    for (const viewer of [left, right]) {
      const roles = (viewer.stats()?.neighbors ?? []).map(({ role }) => role);
      assert.deepEqual(roles, [sourceRole], "the source is the only neighbor");
      assert.ok(viewer.parts().every(({ discontinuous }) => !discontinuous), "and nothing is missing");
    }
  });

  test("where UDP is blocked a viewer gets nothing today, and is told why", async () => {
    await office.program.says(/Nothing has come for 20 s: .* may block UDP/);
    assert.match(office.program.output, /watching "Test pattern"/, "the server is reached over TCP");
    assert.equal(office.parts().length, 0);
    assert.ok(((await box.stats()).sites.office?.udp_blocked ?? 0) > 0);
  });
});
