import type { Role } from "@p2p-stream/client";
import { useMemo, useState } from "react";
import { text } from "../words";
import type { SimulationView } from "../simulation/module";
import { MeshGraph } from "./MeshGraph";
import { RoleMark } from "./RoleMark";
import { stripes } from "./meshLayout";
import { PeerTable } from "./PeerTable";

const roles: readonly Role[] = ["source", "super-seed", "relay", "leaf"];

interface Props {
  view: SimulationView | undefined;
  selected: number | undefined;
  onSelect: (peer: number | undefined) => void;
}

/** Who feeds whom, as a graph in columns by hop or as a table. */
export function MeshSection({ view, selected, onSelect }: Props) {
  const words = text.debug.mesh;
  const [stripe, setStripe] = useState<number>();
  const [asTable, setAsTable] = useState(false);
  const counts = useMemo(() => {
    const all = view?.peers ?? [];
    return {
      ofRole: (role: Role) => all.filter((peer) => peer.role === role && !peer.poisons).length,
      poisoners: all.filter(({ poisons }) => poisons).length,
    };
  }, [view]);
  return (
    <section className="debug-mesh" aria-labelledby="mesh">
      <header className="debug-mesh-head">
        <h2 id="mesh" className="small strong">
          {words.name}
        </h2>
        <ul className="row tiny muted debug-legend">
          {roles.map((role) => (
            <li key={role} className="row">
              <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden>
                <RoleMark role={role} x={5} y={5} size={0.8} />
              </svg>
              {words.roles[role]} {counts.ofRole(role)}
            </li>
          ))}
          {counts.poisoners > 0 && (
            <li className="row live">
              <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden>
                <RoleMark poisons role="leaf" x={5} y={5} size={0.8} />
              </svg>
              {words.poisoners} {counts.poisoners}
            </li>
          )}
        </ul>
        <label className="tiny muted push" htmlFor="stripe">
          {words.stripe}
        </label>
        <select
          id="stripe"
          className="debug-select"
          value={stripe ?? ""}
          onChange={({ target }) => setStripe(target.value === "" ? undefined : Number(target.value))}
        >
          <option value="">{words.all}</option>
          {Array.from({ length: stripes }, (_, index) => (
            <option key={index} value={index}>
              {index}
            </option>
          ))}
        </select>
        <button className="button debug-small" onClick={() => setAsTable(!asTable)}>
          {asTable ? words.asGraph : words.asTable}
        </button>
      </header>
      {view && view.peers.length <= 1 && <p className="muted small">{words.nobody}</p>}
      {view &&
        (asTable ? (
          <PeerTable view={view} selected={selected} onSelect={onSelect} />
        ) : (
          <MeshGraph view={view} stripe={stripe} selected={selected} onSelect={onSelect} />
        ))}
    </section>
  );
}
