import { Download } from "lucide-react";
import { useMemo, useState } from "react";
import { text } from "./words";
import { formatClock, nameOf } from "./format";
import { filterLog, logKinds } from "./logFilter";
import type { LogLine, PeerView } from "./simulation/module";

const shownMax = 200;

/** Kinds that mean something by their colour; the word says it too. */
const tones: Readonly<Record<string, string>> = { drop: "live", pull: "warn-text", leave: "warn-text", role: "peer", run: "strong" };

interface Props {
  log: readonly LogLine[];
  selected: PeerView | undefined;
  onSelect: (peer: number) => void;
  trace: () => Promise<string>;
  seed: string;
}

function save(name: string, lines: string): void {
  const url = URL.createObjectURL(new Blob([lines], { type: "application/jsonl" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** What the engines did, and why, the newest first. */
export function EngineLog({ log, selected, onSelect, trace, seed }: Props) {
  const words = text.debug.log;
  const [kind, setKind] = useState<string>();
  const [peer, setPeer] = useState("");
  const matching = useMemo(() => filterLog(log, { kind, peer }), [log, kind, peer]);
  const shown = matching.slice(0, shownMax);
  return (
    <section className="debug-panel debug-log" aria-labelledby="log">
      <header className="debug-log-head">
        <h2 id="log" className="small strong">
          {words.name}
        </h2>
        <div className="debug-kinds" role="group" aria-label={words.filter}>
          <button aria-pressed={kind === undefined} onClick={() => setKind(undefined)}>
            {words.all}
          </button>
          {logKinds.map((each) => (
            <button key={each} aria-pressed={kind === each} onClick={() => setKind(each)}>
              {words.kinds[each]}
            </button>
          ))}
        </div>
        <label className="row small muted push">
          {words.peer}
          <input
            className="field debug-peer-filter"
            value={peer}
            placeholder={selected ? nameOf(selected) : words.peerHint}
            autoComplete="off"
            onChange={({ target }) => setPeer(target.value.trim().toLowerCase())}
          />
        </label>
        <button className="button debug-small" onClick={() => void trace().then((lines) => save(`p2p-stream-trace-${seed}.jsonl`, lines))}>
          <Download size={14} strokeWidth={2} aria-hidden />
          {words.save}
        </button>
      </header>
      <div className="debug-lines-frame" tabIndex={0} role="region" aria-label={words.lines}>
        {shown.length === 0 && <p className="small faint">{words.none}</p>}
        <ol data-testid="log">
          {shown.map((line) => (
            <li key={line.number}>
              <span className="faint">{formatClock(line.atUs)}</span>
              <span className={tones[line.kind] ?? "muted"}>{words.kinds[line.kind] ?? line.kind}</span>
              {line.kind === "run" ? (
                <span />
              ) : (
                <button className="debug-link" onClick={() => onSelect(line.peer)}>
                  {nameOf({ number: line.peer, id: line.id })}
                </button>
              )}
              <span className={tones[line.kind] ?? "muted"}>{line.text}</span>
            </li>
          ))}
        </ol>
        {matching.length > shown.length && <p className="tiny faint">{words.more(shown.length, matching.length)}</p>}
      </div>
    </section>
  );
}
