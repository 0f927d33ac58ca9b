import { readFileSync } from "node:fs";
import type { Line, Scenario, Site } from "../../tests/netbox/src/scenario.ts";

/** The fields of a world (simulator/include/simulator/world_fields.hpp) that the box can act out; the simulator reads the same file and knows more of them. */
export interface World {
  viewers: number;
  arrivals_from_ms: number;
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
  line_queue_ms: number;
  loss_ppm_min: number;
  loss_ppm_max: number;
  loss_skew: number;
  nats: { weight?: number; nat: keyof typeof nats }[];
  /** The source and each viewer in particular, as the simulator's world file has them. Without them they are dealt by what stands above. */
  people?: Person[];
}

export interface Person {
  joins_ms: number;
  upload_bits_per_s: number;
  download_bits_per_s: number;
  x_ppm: number;
  y_ppm: number;
  loss_ppm: number;
  nat: keyof typeof nats;
}

const nats = {
  open: {},
  port_restricted: { nat: { mapping: "endpoint-independent", filtering: "address-and-port-dependent" } },
  symmetric: { nat: "address-and-port-dependent" },
  udp_blocked: { nat: "endpoint-independent", udp: "blocked" },
} satisfies Record<string, Pick<Site, "nat" | "udp">>;

export const standard: World = {
  viewers: 20,
  arrivals_from_ms: 1_000,
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
  line_queue_ms: 200,
  loss_ppm_min: 0,
  loss_ppm_max: 10_000,
  loss_skew: 3,
  nats: [
    { weight: 33, nat: "open" },
    { weight: 55, nat: "port_restricted" },
    { weight: 12, nat: "symmetric" },
  ],
};

/** What the simulator must be told so that it does not do more than the box: native peers who stay, no dial that fails by chance, no TURN. */
export const asInTheBox = { stay_mean_ms: 0, chromium_percent: 0, dial_failure_percent: 0, relay_bits_per_s: 0 };

/** The standard world, changed by a file. What the box cannot act out is named, so that nobody takes it for measured. */
export function readWorld(file: string | undefined, overrides: Partial<World>): { world: World; ignored: string[] } {
  const given = file ? (JSON.parse(readFileSync(file, "utf8")) as Partial<World>) : {};
  const known = [...Object.keys(standard), "people"];
  const ignored = Object.entries(given).filter(([key, value]) => !known.includes(key) && asInTheBox[key as keyof typeof asInTheBox] !== value);
  const taken = Object.fromEntries(Object.entries(given).filter(([key]) => known.includes(key)));
  const world: World = { ...standard, ...taken, ...overrides };
  if (world.people) world.viewers = world.people.length - 1;
  return { world, ignored: ignored.map(([key]) => key) };
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

/** The source and the viewers: those that the world names, else dealt. Half of a pair's loss lies on each of the two lines between them. */
export function peopleOf(world: World, seed: number): Person[] {
  if (world.people) return world.people;
  const random = seeded(seed);
  const ppm = () => Math.round(random() * 1e6);
  const loss = () => Math.round(((world.loss_ppm_max - world.loss_ppm_min) * random() ** world.loss_skew + world.loss_ppm_min) / 2);
  const anybody = () => ({ loss_ppm: loss(), x_ppm: ppm(), y_ppm: ppm(), download_bits_per_s: world.download_bits_per_s });
  const source: Person = { joins_ms: 0, upload_bits_per_s: world.source_upload_bits_per_s, nat: "open", ...anybody() };
  const uploads = dealt(world.uploads, world.viewers, random);
  const routers = dealt(world.nats, world.viewers, random);
  const viewers = uploads.map(({ bits_per_s }, i) => ({
    joins_ms: world.arrivals_from_ms + Math.round((i * world.arrivals_ms) / world.viewers),
    upload_bits_per_s: bits_per_s,
    nat: routers[i]?.nat ?? "open",
    ...anybody(),
  }));
  return [source, ...viewers];
}

export const hostOf = (number: number) => (number === 0 ? "source" : `viewer-${number}`);

/** Everybody's place and line. Half of the least latency between two lies on each of the two lines. */
/** A millisecond more on ways of tens of them; without it the router wakes for each packet, and takes processor time from the peers. */
const grain_us = Number(process.env.GRAIN_US ?? 1_000);

export function scenarioOf(world: World, people: Person[], seed: number): Scenario {
  const side = (world.latency_max_ms - world.latency_min_ms) / Math.SQRT2;
  const delay_ms = world.latency_min_ms / 2;
  const line = (bits_per_s: number, loss_ppm: number): Line => ({ bits_per_s, delay_ms, queue_ms: world.line_queue_ms, loss: loss_ppm / 1e6 });
  const sites: Site[] = people.map((person, i) => ({
    name: hostOf(i),
    at_ms: [(person.x_ppm / 1e6) * side, (person.y_ppm / 1e6) * side],
    up: line(person.upload_bits_per_s, person.loss_ppm),
    down: line(person.download_bits_per_s, person.loss_ppm),
    ...nats[person.nat],
  }));
  return { seed, grain_us, sites: [{ name: "server", at_ms: [side / 2, side / 2], up: { delay_ms }, down: { delay_ms } }, ...sites] };
}
