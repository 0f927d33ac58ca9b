import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { catalogue, samplesOf, withBytes, type Schema } from "./catalogueSamples";
import { events, requests, streamCategories } from "./messages";

/** What is taken although the catalogue has it otherwise: from servers of before, and from later ones. By message and what is special. */
const tolerated = new Map<string, RegExp>([
  ["answer to streams:watch", /^\.streams\[\] without (category|tags)$|^\.streams\[\]\.category = /],
  ["answer to stream:join", /without (network|iceServers|sourcePeerId|category|tags)$|^\.stream\.category = |^\.sourcePeerId = null$/],
  ["answer to stream:create", /^\. without iceServers$/],
  ["answer to ice:servers", /^\. without iceServers$/],
  ["answer to candidates", /^\.candidates\[\] without network$/],
  ["answer to report", /^\. without (score|role|receipts)$/],
  ["streams:delta", /\[\] without (category|tags)$|\[\]\.category = /],
  ["signal", /^\. without network$/],
  ["stream:source", /^\. without sourcePeerId$|^\.sourcePeerId = null$/],
  ["server:leaving", /^\.backWithinMs = /],
]);

/** For valibot an array is an object, too: one without fields, which is harmless. */
const arrayForObject = ". = []";

/** Of answers `ok` is checked before. */
const withoutOk = (schema: Schema): Schema => {
  const { ok: _, ...properties } = schema.properties ?? {};
  const rest = (example: unknown) => {
    const { ok: __, ...fields } = example as Record<string, unknown>;
    return fields;
  };
  return { ...schema, properties, required: (schema.required ?? []).filter((name) => name !== "ok"), examples: (schema.examples ?? []).map(rest) };
};

function expectSame(message: string, schema: Schema, ours: v.GenericSchema): void {
  const apart: string[] = [];
  for (const { what, value, valid } of samplesOf(schema)) {
    if (what === arrayForObject) continue;
    if (v.safeParse(ours, value).success !== valid && !tolerated.get(message)?.test(what)) apart.push(`${what}: ${valid ? "refused" : "taken"}`);
  }
  expect(apart, message).toEqual([]);
  // Unknown fields are dropped, so whatever is left is known here, too.
  for (const written of schema.examples ?? []) {
    const example = withBytes(schema, written);
    expect(v.parse(ours, example), message).toEqual(example);
  }
}

describe("the catalogue of events (docs/signaling.schema.json)", () => {
  it("has the same names here", () => {
    expect(Object.keys(requests).sort()).toEqual(Object.keys(catalogue.requests).sort());
    expect(Object.keys(events).sort()).toEqual(Object.keys(catalogue.events).sort());
    expect(streamCategories).toEqual(catalogue.$defs.category?.enum);
  });

  it.each(Object.entries(requests))("%s is asked as it says", (name, { request }) => {
    const entry = catalogue.requests[name];
    if (entry) expectSame(name, entry.request, request);
  });

  it.each(Object.entries(requests))("%s is answered as it says", (name, { answer }) => {
    const entry = catalogue.requests[name];
    if (entry) expectSame(`answer to ${name}`, withoutOk(entry.answer), answer);
  });

  it.each(Object.entries(events))("%s is told as it says", (name, payload) => {
    const entry = catalogue.events[name];
    if (entry) expectSame(name, entry.payload, payload);
  });
});
