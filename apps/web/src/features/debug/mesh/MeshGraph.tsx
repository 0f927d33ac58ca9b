import { useMemo, type KeyboardEvent } from "react";
import { text } from "../../../text/text";
import { nameOf } from "../format";
import type { SimulationView } from "../simulation/module";
import { curve, meshLayout, neighborOf, type Edge, type Node, type Step } from "./meshLayout";
import { RoleMark } from "./RoleMark";

const frame = { width: 640, height: 520, margin: 44 } as const;
const captionY = 540;
const keys: Readonly<Record<string, Step>> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

interface Props {
  view: SimulationView;
  stripe: number | undefined;
  selected: number | undefined;
  onSelect: (peer: number | undefined) => void;
}

/** White: from the source. Green: what reaches the selected peer, as wide as it is many stripes. Dotted: whom it feeds. Amber dashes: through TURN. */
export function MeshGraph({ view, stripe, selected, onSelect }: Props) {
  const layout = useMemo(() => meshLayout(view.peers, view.feeds, frame, stripe, selected), [view, stripe, selected]);
  const here = layout.nodes.find(({ peer }) => peer.number === selected);
  const size = Math.min(1.2, 9 / Math.sqrt(Math.max(...layout.columns.map(({ count }) => count), 1)));
  const onKey = (event: KeyboardEvent) => {
    const step = keys[event.key];
    if (event.key === "Escape") onSelect(undefined);
    if (!step) return;
    event.preventDefault();
    onSelect(neighborOf(layout, selected, step) ?? selected);
  };
  return (
    <div
      className="debug-graph"
      role="group"
      tabIndex={0}
      aria-label={text.debug.mesh.picture(view.totals.viewers)}
      onKeyDown={onKey}
      data-testid="mesh-graph"
    >
      <svg viewBox="0 0 640 546" aria-hidden>
        {layout.columns.map(({ x, hop }) => (
          <text key={hop ?? "none"} x={x} y={captionY} textAnchor="middle">
            {hop === undefined ? text.debug.mesh.unfed : text.debug.mesh.hop(hop)}
          </text>
        ))}
        <Lines edges={layout.edges} selected={selected} />
        {layout.nodes.map((node) => (
          <Peer key={node.peer.number} node={node} size={size} onSelect={onSelect} />
        ))}
        {here && <Chosen node={here} size={size} />}
      </svg>
      <span className="visually-hidden" aria-live="polite">
        {here && `${nameOf(here.peer)}, ${text.debug.mesh.roles[here.peer.role]}`}
      </span>
    </div>
  );
}

const all = (edges: readonly Edge[]) => edges.map(curve).join("");

/** Hundreds of faint lines are one path: only those that mean something are drawn each for itself. */
function Lines({ edges, selected }: { edges: readonly Edge[]; selected: number | undefined }) {
  const hot = edges.filter((edge) => edge.hot > 0);
  const cold = edges.filter((edge) => edge.hot === 0);
  const given = cold.filter(({ feed }) => feed.from === selected);
  const others = cold.filter(({ feed }) => feed.from !== selected);
  const relayed = others.filter(({ feed }) => feed.relayed);
  const source = others.filter(({ feed }) => !feed.relayed && feed.from === 0);
  const rest = others.filter(({ feed }) => !feed.relayed && feed.from !== 0);
  return (
    <g className="debug-lines">
      <path d={all(rest)} />
      <path className={selected === undefined ? "from-source" : "from-source dimmed"} d={all(source)} />
      <path className="through-relay" d={all(relayed)} />
      <path className="given" d={all(given)} />
      {hot.map((edge) => (
        <path
          key={`${edge.feed.from}-${edge.feed.to}`}
          className={edge.feed.relayed ? "hot through-relay" : edge.feed.from === 0 ? "hot from-source" : "hot"}
          strokeWidth={1 + 0.4 * edge.hot}
          d={curve(edge)}
        />
      ))}
    </g>
  );
}

function Peer({ node: { peer, x, y }, size, onSelect }: { node: Node; size: number; onSelect: (peer: number) => void }) {
  return (
    <g className={`debug-peer ${peer.state}`} onClick={() => onSelect(peer.number)}>
      <title>{`${nameOf(peer)}, ${text.debug.mesh.roles[peer.role]}, ${text.debug.states[peer.state]}`}</title>
      <circle className="target" cx={x} cy={y} r={Math.max(9 * size, 6)} />
      {(peer.state === "standing" || peer.state === "frozen") && <circle className="trouble" cx={x} cy={y} r={7.5 * size} />}
      <RoleMark role={peer.role} poisons={peer.poisons} x={x} y={y} size={size * (peer.number === 0 ? 1.5 / Math.min(size, 1) : 1)} />
    </g>
  );
}

function Chosen({ node: { peer, x, y }, size }: { node: Node; size: number }) {
  const left = x > 560;
  return (
    <g className="debug-chosen">
      <circle cx={x} cy={y} r={Math.max(8 * size, 6)} />
      <text x={left ? x - 13 : x + 13} y={y - 9} textAnchor={left ? "end" : "start"}>
        {nameOf(peer)}
      </text>
    </g>
  );
}
