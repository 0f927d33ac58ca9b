import { Check, HeartHandshake, Settings } from "lucide-react";
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import type { Latency, RenditionStats } from "@p2p-stream/client";
import { formatRate } from "../../text/format";
import { text } from "../../text/text";
import { nameOf } from "./qualities";

interface Props {
  renditions: readonly RenditionStats[];
  quality: number | undefined;
  onQuality: (rendition: number | undefined) => void;
  latency: Latency;
  onLatency: (latency: Latency) => void;
  onSharing: () => void;
}

/** Quality, latency and the way to what is shared, in a menu above its button; on phones a sheet from below. */
export function SettingsMenu({ renditions, quality, onQuality, latency, onLatency, onSharing }: Props) {
  const words = text.watch;
  const id = useId();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };

  useEffect(() => {
    if (!open) return;
    menu.current?.querySelector<HTMLElement>("[aria-checked='true']")?.focus();
    const outside = ({ target }: PointerEvent) => {
      if (target instanceof Node && !menu.current?.contains(target) && !button.current?.contains(target)) setOpen(false);
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [open]);

  const move = (event: KeyboardEvent) => {
    const items = [...(menu.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
    const at = items.findIndex((item) => item === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") close();
    else if (to !== undefined) items[to % items.length]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const played = renditions.find((rendition) => rendition.played);
  const bestFirst = [...renditions].sort((a, b) => b.bitsPerS - a.bitsPerS);
  return (
    <span className="menu-anchor">
      <button
        ref={button}
        className="icon-button"
        aria-label={words.settings}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <Settings size={20} strokeWidth={1.75} aria-hidden />
      </button>
      {open && (
        <div ref={menu} id={id} className="menu" role="menu" aria-label={words.settings} onKeyDown={move}>
          {bestFirst.length > 1 && (
            <div role="group" aria-label={words.quality}>
              <p className="menu-title">{words.quality}</p>
              <Item
                checked={quality === undefined}
                label={quality === undefined && played ? words.autoPlays(nameOf(played)) : words.auto}
                onChoose={() => {
                  onQuality(undefined);
                  close();
                }}
              />
              {bestFirst.map((rendition) => (
                <Item
                  key={rendition.id}
                  checked={quality === rendition.id}
                  label={nameOf(rendition)}
                  figure={formatRate(rendition.bitsPerS)}
                  onChoose={() => {
                    onQuality(rendition.id);
                    close();
                  }}
                />
              ))}
            </div>
          )}
          <div role="group" aria-label={words.latency}>
            <p className="menu-title">{words.latency}</p>
            {(["low", "balanced"] as const).map((mode) => (
              <Item
                key={mode}
                checked={latency === mode}
                label={words.latencies[mode].name}
                figure={words.latencies[mode].meaning}
                onChoose={() => {
                  onLatency(mode);
                  close();
                }}
              />
            ))}
          </div>
          <button
            className="menu-item separate"
            role="menuitem"
            tabIndex={-1}
            onClick={() => {
              close();
              onSharing();
            }}
          >
            <HeartHandshake size={18} strokeWidth={1.75} aria-hidden />
            <span className="grow">{words.sharing.open}</span>
          </button>
        </div>
      )}
    </span>
  );
}

function Item(props: { checked: boolean; label: string; figure?: string; onChoose: () => void }) {
  return (
    <button className="menu-item" role="menuitemradio" aria-checked={props.checked} tabIndex={-1} onClick={props.onChoose}>
      <Check size={18} strokeWidth={1.75} aria-hidden className={props.checked ? "" : "invisible"} />
      <span className="grow">{props.label}</span>
      {props.figure && <span className="faint">{props.figure}</span>}
    </button>
  );
}
