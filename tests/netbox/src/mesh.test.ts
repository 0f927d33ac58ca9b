import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { Netbox, whyNotHere } from "./netbox.ts";
import { NativeViewer, startServer, startSource, until, type SourceInBox, type SourceOptions } from "./peers.ts";
import type { Scenario, Site } from "./scenario.ts";

const line = { delay_ms: 10 };
const site = (name: string, more: Partial<Site> = {}): Site => ({ name, up: line, down: line, ...more });

let box: Netbox | undefined;

async function boxWith(scenario: Scenario, sourceOptions: SourceOptions = {}): Promise<{ box: Netbox; source: SourceInBox }> {
  box = await Netbox.open(scenario);
  const server = await startServer(box, "server");
  return { box, source: await startSource(box, server, "source", sourceOptions) };
}

describe("native peers in a box", { skip: whyNotHere() ?? false }, () => {
  afterEach(async () => {
    await box?.close();
    box = undefined;
  });

  test("five peers, 40 ms apart and with a packet lost in a hundred, play without a gap", async () => {
    const lossy = { delay_ms: 20, loss: 0.005 }; // on each of the two lines that a packet crosses
    const names = ["one", "two", "three", "four", "five"];
    const { box, source } = await boxWith({ sites: [site("server"), ...["source", ...names].map((name) => site(name, { up: lossy, down: lossy }))] });
    const viewers = names.map((name) => new NativeViewer(box, source, name));
    await Promise.all(viewers.map((viewer) => viewer.plays(40)));
    for (const viewer of viewers) {
      const parts = viewer.parts();
      assert.ok(parts.every(({ discontinuous }) => !discontinuous), `${viewer.host} lost parts`);
      assert.ok(Math.min(...parts.map(({ capturedMs, receivedMs }) => receivedMs - capturedMs)) >= 40, "nothing is faster than the lines");
    }
    const { sites } = await box.stats();
    assert.ok((sites.source?.up.lost ?? 0) > 0, "there was something to repair");
  });

  test("two peers behind endpoint-independent NATs connect directly", async () => {
    const nat = "endpoint-independent";
    // The source has one connection: the other viewer can have the stream from the first alone.
    const { box, source } = await boxWith({ sites: [site("server"), site("source", { nat }), site("left", { nat }), site("right", { nat })] }, { connectionsMax: 1 });
    const viewers = [new NativeViewer(box, source, "left"), new NativeViewer(box, source, "right")];
    await Promise.all(viewers.map((viewer) => viewer.plays(10)));
    await until("one feeds the other", () => viewers.some((viewer) => viewer.stats()?.receivedFromSourceBytes === 0 && (viewer.stats()?.receivedFromPeersBytes ?? 0) > 0));
    assert.deepEqual(viewers.flatMap((viewer) => viewer.stats()?.neighbors ?? []).filter(({ relayed }) => relayed), [], "the server's relay is left alone");
  });

  test("the NAT of most homes, which filters by address and port, is no obstacle either", async () => {
    const nat = { mapping: "endpoint-independent", filtering: "address-and-port-dependent" } as const;
    const { box, source } = await boxWith({ sites: [site("server"), site("source", { nat }), site("left", { nat }), site("right", { nat })] }, { connectionsMax: 1 });
    const viewers = [new NativeViewer(box, source, "left"), new NativeViewer(box, source, "right")];
    await Promise.all(viewers.map((viewer) => viewer.plays(10)));
    assert.deepEqual(viewers.flatMap((viewer) => viewer.stats()?.neighbors ?? []).filter(({ relayed }) => relayed), [], "the server's relay is left alone");
  });

  test("a child plays on when its parent's line dies", async () => {
    const { box, source } = await boxWith({ sites: ["server", "source", "first", "second", "third"].map((name) => site(name)) }, { connectionsMax: 2 });
    const viewers = ["first", "second", "third"].map((name) => new NativeViewer(box, source, name));
    await Promise.all(viewers.map((viewer) => viewer.plays(10)));
    // The source has two links: somebody lives from a viewer. Figures are written each second.
    const given = (viewer: NativeViewer) => (viewer.stats()?.neighbors ?? []).reduce((sum, { stripesOut }) => sum + stripesOut, 0);
    await until("somebody is a parent", () => viewers.some((viewer) => given(viewer) > 0));
    const parent = viewers.reduce((most, viewer) => (given(viewer) > given(most) ? viewer : most));
    await box.change({ site: parent.host, line: "dead" });
    const children = viewers.filter((viewer) => viewer !== parent);
    await Promise.all(children.map((child) => child.plays(35)));
  });
});
