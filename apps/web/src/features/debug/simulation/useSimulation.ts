import type { EngineStats } from "@p2p-stream/client";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Answer, Command, Settings } from "./messages";
import type { ChangeKind, LogLine, SimulationView } from "./module";
import type { Speed } from "./pace";

const logLinesMax = 5_000;
const historyMax = 120;
const updateEveryMs = 500;
/** For who prefers less motion. */
const calmUpdateEveryMs = 1_000;

/** The totals of one moment, for the small graphs. */
export interface Moment {
  atUs: number;
  delayMs: number;
  shareFromPeers: number;
  continuity: number;
}

export interface SimulationState {
  kinds: readonly ChangeKind[];
  view: SimulationView | undefined;
  /** What the lasting kinds are set to, as soon as they are moved. */
  settings: Settings;
  engine: EngineStats | undefined;
  /** The newest first. */
  log: readonly LogLine[];
  history: readonly Moment[];
  rate: number;
  /** Why the last change was not made. */
  refused: string | undefined;
  failed: string | undefined;
}

const nothing: SimulationState = {
  kinds: [],
  view: undefined,
  settings: {},
  engine: undefined,
  log: [],
  history: [],
  rate: 0,
  refused: undefined,
  failed: undefined,
};

const momentOf = ({ atUs, totals }: SimulationView): Moment => ({
  atUs,
  delayMs: totals.delayMsP50,
  shareFromPeers: totals.shareFromPeers,
  continuity: totals.continuity,
});

function settingsOf(view: SimulationView, kinds: readonly ChangeKind[]): Settings {
  return Object.fromEntries(kinds.filter(({ lasting }) => lasting).map(({ name }, index) => [name, view.settings[index] ?? 0]));
}

/** `sent`: changes that the worker was told of. While one is on its way, its settings are older than what the sliders show. */
function after(state: SimulationState, message: Answer, sent: number): SimulationState {
  switch (message.type) {
    case "ready":
      return { ...state, kinds: message.kinds };
    case "started":
      return { ...nothing, kinds: state.kinds, settings: state.settings, refused: state.refused };
    case "update": {
      const { view, engine, rate } = message;
      const log = message.log.length > 0 ? [...message.log.toReversed(), ...state.log].slice(0, logLinesMax) : state.log;
      const last = state.history.at(-1);
      const history = last && view.atUs - last.atUs < 1e6 ? state.history : [...state.history, momentOf(view)].slice(-historyMax);
      const settings = message.changes === sent ? settingsOf(view, state.kinds) : state.settings;
      return { ...state, view, settings, engine, rate, log, history };
    }
    case "refused":
      return { ...state, refused: message.why };
    case "failed":
      return { ...state, failed: message.why };
    case "trace":
      return state;
  }
}

/** A simulation in a worker of its own, from `start` on; it ends with the component. */
export function useSimulation() {
  const worker = useRef<Worker>(undefined);
  const traced = useRef<(lines: string) => void>(undefined);
  const sent = useRef(0);
  const [state, setState] = useState(nothing);

  useEffect(() => {
    const made = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    made.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.type === "trace") traced.current?.(data.lines);
      else setState((last) => after(last, data, sent.current));
    };
    made.onerror = ({ message }) => setState((last) => ({ ...last, failed: message }));
    worker.current = made;
    return () => made.terminate();
  }, []);

  const send = useCallback((command: Command) => worker.current?.postMessage(command), []);
  const commands = useMemo(
    () => ({
      start: (seed: string, settings: Settings) => {
        sent.current = 0;
        setState((last) => ({ ...last, settings, refused: undefined }));
        const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
        send({ type: "start", seed, settings, updateEveryMs: calm ? calmUpdateEveryMs : updateEveryMs });
      },
      run: (running: boolean, speed: Speed) => send({ type: "run", running, speed }),
      change: (kind: string, value: number, peer = 0) => {
        ++sent.current;
        setState((last) => ({
          ...last,
          refused: undefined,
          settings: last.kinds.some(({ name, lasting }) => lasting && name === kind) ? { ...last.settings, [kind]: value } : last.settings,
        }));
        send({ type: "change", kind, value, peer });
      },
      select: (peer: number | undefined) => send({ type: "select", peer }),
      trace: () =>
        new Promise<string>((resolve) => {
          traced.current = resolve;
          send({ type: "trace" });
        }),
    }),
    [send],
  );
  return { state, ...commands };
}
