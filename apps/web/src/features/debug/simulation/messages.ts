import type { EngineStats } from "@p2p-stream/client";
import type { ChangeKind, LogLine, SimulationView } from "./module";
import type { Speed } from "./pace";

/** Values of lasting kinds, by name. */
export type Settings = Record<string, number>;

export type Command =
  | { type: "start"; seed: string; settings: Settings; updateEveryMs: number }
  | { type: "run"; running: boolean; speed: Speed }
  | { type: "change"; kind: string; value: number; peer: number }
  | { type: "select"; peer: number | undefined }
  | { type: "trace" };

export interface Update {
  type: "update";
  view: SimulationView;
  /** Since the last update. */
  log: LogLine[];
  /** Of the selected peer, while it is there. */
  engine: EngineStats | undefined;
  /** Virtual seconds a second. */
  rate: number;
  /** Commands to change something that came before it, since the start. */
  changes: number;
}

export type Answer =
  | { type: "ready"; kinds: readonly ChangeKind[] }
  | { type: "started"; seed: string }
  | Update
  | { type: "refused"; why: string }
  | { type: "trace"; lines: string }
  | { type: "failed"; why: string };
