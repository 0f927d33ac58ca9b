import { Dices, Pause, Play, RotateCcw } from "lucide-react";
import { useEffect, useState, type FormEvent } from "react";
import { text } from "../../text/text";
import { drawSeed, parseSeed } from "./runAddress";
import type { SimulationView } from "./simulation/module";
import type { Speed } from "./simulation/pace";
import { formatClock } from "./format";

const speeds: readonly Speed[] = [1, 2, 10, "max"];

interface Props {
  seed: string;
  running: boolean;
  speed: Speed;
  view: SimulationView | undefined;
  rate: number;
  onSeed: (seed: string) => void;
  onPace: (running: boolean, speed: Speed) => void;
}

/** Which run it is, how fast it goes, and how far it has come. */
export function RunToolbar({ seed, running, speed, view, rate, onSeed, onPace }: Props) {
  const words = text.debug.toolbar;
  return (
    <div className="debug-toolbar" role="group" aria-label={text.debug.title}>
      <SeedField seed={seed} onSeed={onSeed} />
      <button className="button" onClick={() => onSeed(drawSeed())}>
        <Dices size={18} strokeWidth={1.75} aria-hidden />
        {words.newSeed}
      </button>
      <button className="button" onClick={() => onSeed(seed)}>
        <RotateCcw size={18} strokeWidth={1.75} aria-hidden />
        {words.restart}
      </button>
      <button className="button debug-pause" onClick={() => onPace(!running, speed)}>
        {running ? <Pause size={18} strokeWidth={1.75} aria-hidden /> : <Play size={18} strokeWidth={1.75} aria-hidden />}
        {running ? words.pause : words.run}
      </button>
      <div className="debug-speeds" role="group" aria-label={words.speed}>
        {speeds.map((each) => (
          <button key={each} aria-pressed={each === speed} onClick={() => onPace(running, each)}>
            {words.speeds[each]}
          </button>
        ))}
      </div>
      {view && (
        <p className="row small push">
          {view.atEnd && <span className="warn-text">{words.atEnd}</span>}
          {view.serverAway && <span className="warn-text strong">{words.serverAway}</span>}
          <span className="muted" title={words.rateName} data-testid="rate">
            {words.rate(rate.toFixed(2))}
          </span>
          <span className="strong debug-time" title={words.time} data-testid="virtual-time">
            {formatClock(view.atUs)}
          </span>
        </p>
      )}
    </div>
  );
}

function SeedField({ seed, onSeed }: { seed: string; onSeed: (seed: string) => void }) {
  const words = text.debug.toolbar;
  const [typed, setTyped] = useState(seed);
  const [wrong, setWrong] = useState(false);
  useEffect(() => setTyped(seed), [seed]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const parsed = parseSeed(typed.trim());
    setWrong(parsed === undefined);
    if (parsed !== undefined) onSeed(parsed);
  };
  return (
    <form className="row" onSubmit={submit}>
      <label className="small muted" htmlFor="seed">
        {words.seed}
      </label>
      <input
        id="seed"
        className="field debug-seed"
        inputMode="numeric"
        autoComplete="off"
        value={typed}
        aria-invalid={wrong}
        aria-describedby={wrong ? "seed-wrong" : undefined}
        onChange={({ target }) => setTyped(target.value)}
      />
      {wrong && (
        <span id="seed-wrong" className="small live" role="alert">
          {words.seedWrong}
        </span>
      )}
    </form>
  );
}
