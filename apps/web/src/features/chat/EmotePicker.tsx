import { useRef, useState, type KeyboardEvent } from "react";
import { text } from "../../text/text";
import { emotes } from "./emoteSet";
import { emotesFor, rememberEmote } from "./recentEmotes";

const columns = 8;

/** Eight columns; the arrow keys move, letters search. */
export function EmotePicker({ onPick, onClose }: { onPick: (name: string) => void; onClose: () => void }) {
  const words = text.chat;
  const [search, setSearch] = useState("");
  const grid = useRef<HTMLDivElement>(null);
  const found = emotesFor(search);

  const pick = (name: string) => {
    rememberEmote(name);
    onPick(name);
  };
  const focus = (index: number) => grid.current?.querySelectorAll("button")[index]?.focus();
  const moved = (event: KeyboardEvent, from: number) => {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    focus(Math.min(found.length - 1, Math.max(0, from + step)));
  };
  return (
    <div className="emote-picker" role="dialog" aria-label={words.emotes} onKeyDown={({ key }) => key === "Escape" && onClose()}>
      <input
        className="field"
        autoFocus
        value={search}
        placeholder={words.searchEmotes}
        aria-label={words.searchEmotes}
        onChange={({ target }) => setSearch(target.value)}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") moved(event, -columns);
          if (event.key !== "Enter") return;
          event.preventDefault();
          if (found[0] !== undefined) pick(found[0]);
        }}
      />
      {found.length === 0 ? (
        <p className="small muted" role="status">
          {words.noEmote(search)}
        </p>
      ) : (
        <div ref={grid} className="emote-grid">
          {found.map((name, index) => (
            <button
              key={name}
              type="button"
              aria-label={name}
              title={`:${name}:`}
              onClick={() => pick(name)}
              onKeyDown={(event) => moved(event, index)}
            >
              <img src={emotes.get(name)} alt="" width={24} height={24} />
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
