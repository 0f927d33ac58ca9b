import type { Answer, Command } from "./messages";
import { SimulatorModule, type LogLine, type Simulation } from "./module";
import { Pace } from "./pace";
import { traceLines } from "./traceFile";

const sliceUs = 10_000;
/** Computing at a stretch; then commands have their turn. */
const stretchMs = 40;
const restMs = 4;
const linesInUpdateMax = 2_000;
const linesInTraceMax = 20_000;

interface Run {
  seed: string;
  simulation: Simulation;
  loggedUntil: number;
  selected: number | undefined;
  changes: number;
}

const answer = (message: Answer) => postMessage(message);
const pace = new Pace();
let running = true;
let run: Run | undefined;
let updatedMs = 0;
let updateEveryMs = 500;

const module = SimulatorModule.load(fetch(new URL("../../../../wasm/p2p-simulator.wasm", import.meta.url)));
const failed = (error: unknown) => answer({ type: "failed", why: String(error) });
module.then(({ kinds }) => answer({ type: "ready", kinds }), failed);

function update(): void {
  if (!run) return;
  const { simulation } = run;
  updatedMs = performance.now();
  const log = simulation.log(run.loggedUntil, linesInUpdateMax);
  run.loggedUntil = log.at(-1)?.number ?? run.loggedUntil;
  const engine = run.selected === undefined ? undefined : simulation.engine(run.selected);
  answer({ type: "update", view: simulation.view(), log, engine, rate: running ? pace.rate() : 0, changes: run.changes });
}

function step(): void {
  if (run && running) {
    const beganMs = performance.now();
    const dueUs = pace.due(beganMs) * 1_000;
    let doneUs = 0;
    while (dueUs - doneUs >= sliceUs && performance.now() - beganMs < stretchMs) {
      run.simulation.advance(sliceUs);
      doneUs += sliceUs;
    }
    pace.reached(doneUs / 1_000, performance.now());
    if (performance.now() - updatedMs >= updateEveryMs) update();
  }
  setTimeout(step, restMs);
}

async function start(seed: string, settings: Record<string, number>): Promise<void> {
  const loaded = await module;
  run?.simulation.free();
  const simulation = loaded.start(BigInt(seed));
  run = { seed, simulation, loggedUntil: 0, selected: undefined, changes: 0 };
  // Settings that the world has by itself are not said again.
  for (const { name, lasting, initial } of loaded.kinds) {
    const value = settings[name];
    if (!lasting || value === undefined || value === initial) continue;
    const why = simulation.apply(name, value);
    if (why) answer({ type: "refused", why });
  }
  pace.resume();
  answer({ type: "started", seed });
  update();
}

function trace(): void {
  if (!run) return;
  const { seed, simulation } = run;
  const log: LogLine[] = simulation.log(0, linesInTraceMax);
  const lines = traceLines({ seed, changes: simulation.changes(), log, view: simulation.view(), digest: simulation.digest() });
  answer({ type: "trace", lines });
}

onmessage = ({ data }: MessageEvent<Command>) => {
  switch (data.type) {
    case "start":
      updateEveryMs = data.updateEveryMs;
      start(data.seed, data.settings).catch(failed);
      return;
    case "run":
      if (data.running && !running) pace.resume();
      running = data.running;
      pace.speed = data.speed;
      return update();
    case "change": {
      if (!run) return;
      const why = run.simulation.apply(data.kind, data.value, data.peer);
      ++run.changes;
      if (why) answer({ type: "refused", why });
      return update();
    }
    case "select":
      if (!run) return;
      run.selected = data.peer;
      run.simulation.follow(data.peer ?? 0);
      return update();
    case "trace":
      return trace();
  }
};

step();
