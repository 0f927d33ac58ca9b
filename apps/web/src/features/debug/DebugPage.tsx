import "./debug.css";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { text } from "./words";
import { EngineLog } from "./EngineLog";
import { EventButtons } from "./EventButtons";
import { MeshSection } from "./mesh/MeshSection";
import { NetworkControls } from "./NetworkControls";
import { PeerPanel } from "./PeerPanel";
import { PatternSection } from "./pattern/PatternSection";
import { usePattern } from "./pattern/usePattern";
import { RealSection } from "./real/RealSection";
import { useRealStream } from "./real/useRealStream";
import { RunToolbar } from "./RunToolbar";
import { drawSeed, possibleSettings, readAddress, writeAddress } from "./runAddress";
import { useSimulation } from "./simulation/useSimulation";
import type { Speed } from "./simulation/pace";
import { SwarmPanel } from "./SwarmPanel";

/** An address is written when a slider has come to rest: browsers allow few changes of it in a row. */
const writeAfterMs = 300;

/** The tool of developers: a simulated swarm to meddle with, and a real stream to compare it with. */
export function DebugPage() {
  const [query, setQuery] = useSearchParams();
  const [address] = useState(() => readAddress(query));
  const [seed, setSeed] = useState(address.seed ?? drawSeed());
  const [running, setRunning] = useState(true);
  const [speed, setSpeed] = useState<Speed>(1);
  const [selected, setSelected] = useState<number>();
  const { state, start, run, change, select, trace } = useSimulation();
  const { kinds, view, settings } = state;
  const [glassToGlass, setGlassToGlass] = useState<{ viewer: number; ms: number }>();

  const [published, setPublished] = useState(false);
  const canvas = usePattern(published);
  const stream = useRealStream(canvas);
  useEffect(() => setPublished(stream.running), [stream.running]);

  useEffect(() => {
    document.title = `${text.debug.title} - ${text.brand}`;
  }, []);
  useEffect(() => {
    if (kinds.length > 0) start(address.seed ?? seed, possibleSettings(address.settings, kinds));
    // Only once, when the simulator is there: later starts are asked for.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [kinds]);
  useEffect(() => {
    if (kinds.length === 0) return;
    const timer = setTimeout(() => setQuery(writeAddress({ seed, settings }, kinds), { replace: true }), writeAfterMs);
    return () => clearTimeout(timer);
  }, [seed, settings, kinds, setQuery]);

  const startAnew = (chosen: string) => {
    setSeed(chosen);
    choose(undefined);
    start(chosen, settings);
  };
  const choose = (peer: number | undefined) => {
    setSelected(peer);
    select(peer);
  };
  const pace = (nowRunning: boolean, nowSpeed: Speed) => {
    setRunning(nowRunning);
    setSpeed(nowSpeed);
    run(nowRunning, nowSpeed);
  };

  const words = text.debug;
  const peer = view?.peers.find(({ number }) => number === selected);
  return (
    <main className="debug">
      <h1 className="visually-hidden">{words.title}</h1>
      <RunToolbar seed={seed} running={running} speed={speed} view={view} rate={state.rate} onSeed={startAnew} onPace={pace} />
      {state.failed !== undefined && (
        <p className="notice" role="alert">
          {words.failed} {words.failedNext} <span className="faint">{state.failed}</span>
        </p>
      )}
      {!view && state.failed === undefined && (
        <p className="small muted" role="status">
          {words.loading}
        </p>
      )}
      {state.refused !== undefined && (
        <p className="notice" role="status">
          {state.refused}
        </p>
      )}
      <div className="debug-columns">
        <div className="debug-left">
          <PatternSection canvas={canvas} glassToGlass={glassToGlass} live={stream.running} onHear={stream.hear} />
          <NetworkControls kinds={kinds} settings={settings} onChange={change} />
          <EventButtons view={view} selected={peer} onEvent={change} />
        </div>
        <MeshSection view={view} selected={selected} onSelect={choose} />
        <div className="debug-right">
          {selected !== undefined && <PeerPanel peer={peer} engine={state.engine} view={view} onClose={() => choose(undefined)} />}
          {!peer && <SwarmPanel view={view} history={state.history} />}
        </div>
      </div>
      <RealSection stream={stream} onGlassToGlass={setGlassToGlass} />
      <EngineLog log={state.log} selected={peer} onSelect={choose} trace={trace} seed={seed} />
    </main>
  );
}
