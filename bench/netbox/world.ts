import { readFileSync } from "node:fs";
import type { Line, Scenario, Site } from "../../tests/netbox/src/scenario.ts";

/** The fields of a world (simulator/include/simulator/world_fields.hpp) that the box can act out; the simulator reads the same file and knows more of them. */
export interface World {
  viewers: number;
  arrivals_ms: number;
  length_ms: number;
  measured_from_ms: number;
  bits_per_s: number;
  source_upload_bits_per_s: number;
  source_connections: number;
  uploads: { weight?: number; bits_per_s: number }[];
  download_bits_per_s: number;
  upload_known_percent: number;
  latency_min_ms: number;
  latency_max_ms: number;
  loss_ppm_min: number;
  loss_ppm_max: number;
  loss_skew: number;
  nats: { weight?: number; nat: keyof typeof nats }[];
}

const nats = {
  open: {},
  port_restricted: { nat: { mapping: "endpoint-independent", filtering: "address-and-port-dependent" } },
  symmetric: { nat: "address-and-port-dependent" },
  udp_blocked: { nat: "endpoint-independent", udp: "blocked" },
} satisfies Record<string, Pick<Site, "nat" | "udp">>;

export const standard: World = {
  viewers: 20,
  arrivals_ms: 10_000,
  length_ms: 60_000,
  measured_from_ms: 20_000,
  bits_per_s: 1_000_000,
  source_upload_bits_per_s: 12_000_000,
  source_connections: 20,
  uploads: [
    { weight: 20, bits_per_s: 500_000 },
    { weight: 30, bits_per_s: 3_000_000 },
    { weight: 30, bits_per_s: 10_000_000 },
    { weight: 20, bits_per_s: 40_000_000 },
  ],
  download_bits_per_s: 50_000_000,
  upload_known_percent: 100,
  latency_min_ms: 10,
  latency_max_ms: 100,
  loss_ppm_min: 0,
  loss_ppm_max: 10_000,
  loss_skew: 3,
  nats: [
    { weight: 33, nat: "open" },
    { weight: 55, nat: "port_restricted" },
    { weight: 12, nat: "symmetric" },
  ],
};

/** The standard world, changed by a file. What the box cannot act out is named, so that nobody takes it for measured. */
export function readWorld(file: string | undefined, overrides: Partial<World>): { world: World; ignored: string[] } {
  const given = file ? (JSON.parse(readFileSync(file, "utf8")) as Partial<World>) : {};
  const known = Object.keys(standard);
  const ignored = Object.keys(given).filter((key) => !known.includes(key));
  const taken = Object.fromEntries(Object.entries(given).filter(([key]) => known.includes(key)));
  return { world: { ...standard, ...taken, ...overrides }, ignored };
}

/** mulberry32: the same world gives the same places and lines each time. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Each kind as often as its weight says, to the nearest whole, in a shuffled order: twenty draws would miss the mix by far. */
function dealt<T extends { weight?: number }>(kinds: T[], count: number, random: () => number): T[] {
  const weights = kinds.map(({ weight }) => weight ?? 1);
  const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);
  const ends = kinds.map((_, i) => (sum(weights.slice(0, i + 1)) / sum(weights)) * count);
  const dealt = Array.from({ length: count }, (_, i) => kinds[ends.findIndex((end) => i + 0.5 < end)] ?? kinds.at(-1)!);
  for (let i = count - 1; i > 0; --i) {
    const j = Math.floor(random() * (i + 1));
    [dealt[i], dealt[j]] = [dealt[j]!, dealt[i]!];
  }
  return dealt;
}

export interface PlacedViewer {
  host: string;
  upload_bits_per_s: number;
  nat: string;
}

/** Everybody's place and line. Half of a pair's loss and of the least latency lie on each of the two lines between them. */
export function place(world: World, seed: number): { scenario: Scenario; viewers: PlacedViewer[] } {
  const random = seeded(seed);
  const side = (world.latency_max_ms - world.latency_min_ms) / Math.SQRT2;
  const line = (bits_per_s: number, loss: number): Line => ({ bits_per_s, delay_ms: world.latency_min_ms / 2, loss });
  const loss = () => ((world.loss_ppm_max - world.loss_ppm_min) * random() ** world.loss_skew + world.loss_ppm_min) / 2e6;
  const at = (): [number, number] => [random() * side, random() * side];
  const sourceLoss = loss();
  const sites: Site[] = [
    { name: "server", at_ms: [side / 2, side / 2], up: { delay_ms: world.latency_min_ms / 2 }, down: { delay_ms: world.latency_min_ms / 2 } },
    { name: "source", at_ms: at(), up: line(world.source_upload_bits_per_s, sourceLoss), down: line(world.download_bits_per_s, sourceLoss) },
  ];
  const uploads = dealt(world.uploads, world.viewers, random);
  const routers = dealt(world.nats, world.viewers, random);
  const viewers = uploads.map((upload, i) => {
    const host = `viewer-${i + 1}`;
    const own = loss();
    const router = routers[i]?.nat ?? "open";
    sites.push({ name: host, at_ms: at(), up: line(upload.bits_per_s, own), down: line(world.download_bits_per_s, own), ...nats[router] });
    return { host, upload_bits_per_s: upload.bits_per_s, nat: router };
  });
  return { scenario: { seed, sites }, viewers };
}
