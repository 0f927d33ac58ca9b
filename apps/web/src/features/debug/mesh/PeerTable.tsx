import { formatRate } from "../../../text/format";
import { text } from "../../../text/text";
import { formatSeconds, nameOf } from "../format";
import type { SimulationView } from "../simulation/module";
import { hopOf } from "./meshLayout";

interface Props {
  view: SimulationView;
  selected: number | undefined;
  onSelect: (peer: number | undefined) => void;
}

/** The graph's figures in rows. */
export function PeerTable({ view, selected, onSelect }: Props) {
  const words = text.debug.table;
  const count = (key: "from" | "to", number: number) => view.feeds.filter((feed) => feed[key] === number).length;
  const heads = [
    words.peer,
    words.role,
    words.state,
    words.hop,
    words.parents,
    words.children,
    words.delay,
    words.buffer,
    words.received,
    words.given,
    words.score,
  ];
  return (
    <div className="debug-table" tabIndex={0} role="region" aria-label={words.caption}>
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {view.peers.map((peer) => (
            <tr key={peer.number} aria-current={peer.number === selected ? "true" : undefined}>
              <th scope="row">
                <button className="debug-link" onClick={() => onSelect(peer.number)}>
                  {nameOf(peer)}
                </button>
              </th>
              <td>{peer.poisons ? text.debug.mesh.poisoners : text.debug.mesh.roles[peer.role]}</td>
              <td>{text.debug.states[peer.state]}</td>
              <td>{hopOf(peer) ?? "-"}</td>
              <td>{count("to", peer.number)}</td>
              <td>{count("from", peer.number)}</td>
              <td>{peer.delayMs} ms</td>
              <td>{formatSeconds(peer.bufferMs)}</td>
              <td>{formatRate(peer.receivedBitsPerS)}</td>
              <td>{formatRate(peer.givenBitsPerS)}</td>
              <td>{peer.score}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
