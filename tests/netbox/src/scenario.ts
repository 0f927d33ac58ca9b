/** A scenario as tests/netbox/README.md describes it; the router reads it and says what is wrong with it. */
export interface Scenario {
  seed?: number;
  /** How long the router rests between two looks at its hosts: packets are late by up to this, and cost it less. */
  grain_us?: number;
  sites: Site[];
  events?: (Change & { at_s: number })[];
}

export interface Site {
  name: string;
  hosts?: string[];
  at_ms?: [number, number];
  nat?: NatKind | "none" | Nat;
  udp?: "open" | "blocked";
  up?: Line;
  down?: Line;
}

export type NatKind = "endpoint-independent" | "address-dependent" | "address-and-port-dependent";

export interface Nat {
  mapping?: NatKind;
  filtering?: NatKind;
  hairpin?: boolean;
  udp_timeout_s?: number;
  tcp_timeout_s?: number;
  mappings_max?: number;
}

export interface Line {
  bits_per_s?: number;
  queue_bytes?: number;
  queue_ms?: number;
  delay_ms?: number;
  jitter_ms?: number;
  loss?: number;
  bursts?: { enter?: number; leave?: number; loss?: number };
  duplicate?: number;
  reorder?: number;
  reorder_ms?: number;
}

export interface Change {
  site: string;
  line?: "dead" | "alive";
  up?: Line;
  down?: Line;
}

interface Direction {
  packets: number;
  bytes: number;
  lost: number;
  queue_full: number;
  dead: number;
}

export interface RouterStats {
  delivered: number;
  undelivered: number;
  late_us: { p50: number; p99: number; p999: number; max: number };
  sites: Record<string, { up: Direction; down: Direction; nat_refused_out: number; nat_refused_in: number; udp_blocked: number; unroutable: number }>;
}
