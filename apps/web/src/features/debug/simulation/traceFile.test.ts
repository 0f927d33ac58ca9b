import { expect, test } from "vitest";
import type { SimulationView } from "./module";
import { traceLines } from "./traceFile";

test("a trace has a JSON object a line: the run, its changes, its log, its end and the digest there", () => {
  const lines = traceLines({
    seed: "4711",
    changes: [{ atUs: 0, kind: "viewers", value: 60, peer: 0 }],
    log: [{ number: 9, atUs: 5, kind: "feed", peer: 1, id: "7f3a000000000000", text: 'says "so"\nand more' }],
    view: { atUs: 12_000_000 } as SimulationView,
    digest: "00ff",
  });
  expect(lines.endsWith("\n")).toBe(true);
  const objects = lines
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; seed?: string; atUs?: number });
  expect(objects.map(({ type }) => type)).toEqual(["run", "change", "log", "state", "digest"]);
  expect(objects[0]?.seed).toBe("4711");
  expect(objects.at(-1)?.atUs).toBe(12_000_000);
});
