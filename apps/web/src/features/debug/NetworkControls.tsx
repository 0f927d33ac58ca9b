import { useId } from "react";
import { text } from "../../text/text";
import { formatSetting } from "./format";
import { scales } from "./scales";
import type { ChangeKind } from "./simulation/module";
import type { Settings } from "./simulation/messages";

const positions = 200;

interface Props {
  kinds: readonly ChangeKind[];
  settings: Settings;
  onChange: (kind: string, value: number) => void;
}

/** What the simulated network is like; each slider acts at once. */
export function NetworkControls({ kinds, settings, onChange }: Props) {
  const words = text.debug;
  return (
    <section className="debug-panel" aria-labelledby="network">
      <header className="row">
        <h2 id="network" className="small strong">
          {words.network}
        </h2>
        <span className="small faint push">{words.forAll}</span>
      </header>
      <div className="debug-controls">
        {kinds
          .filter(({ lasting }) => lasting)
          .map(({ name, initial }) => (
            <Control key={name} name={name} value={settings[name] ?? initial} onChange={onChange} />
          ))}
      </div>
    </section>
  );
}

function Control({ name, value, onChange }: { name: string; value: number; onChange: (kind: string, value: number) => void }) {
  const id = useId();
  const scale = scales[name];
  if (!scale) return null;
  const position = Math.round(scale.positionOf(value) * positions);
  return (
    <>
      <label className="muted" htmlFor={id}>
        {text.debug.controls[name] ?? name}
      </label>
      <input
        id={id}
        type="range"
        className="debug-slider"
        min={0}
        max={positions}
        value={position}
        aria-valuetext={formatSetting(name, value)}
        style={{ "--v": `${(position / positions) * 100}%` } as React.CSSProperties}
        onChange={({ target }) => {
          const next = scale.valueAt(Number(target.value) / positions);
          if (next !== value) onChange(name, next);
        }}
      />
      <output htmlFor={id} data-testid={`setting-${name}`}>
        {formatSetting(name, value)}
      </output>
    </>
  );
}
