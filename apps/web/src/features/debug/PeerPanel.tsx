import type { EngineStats, NeighborStats } from "@p2p-stream/client";
import { X } from "lucide-react";
import { formatRate } from "../../text/format";
import { text } from "./words";
import { Figures } from "./Figures";
import { formatSeconds, formatShare, nameOf } from "./format";
import { hopOf } from "./mesh/meshLayout";
import type { PeerView, SimulationView } from "./simulation/module";

interface Props {
  peer: PeerView | undefined;
  engine: EngineStats | undefined;
  view: SimulationView | undefined;
  onClose: () => void;
}

const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : 0);

/** One peer: what its engine says of itself, and its links. */
export function PeerPanel({ peer, engine, view, onClose }: Props) {
  const words = text.debug.peer;
  return (
    <section aria-labelledby="peer" data-testid="peer-panel">
      <header className="row debug-head">
        <h2 id="peer" className="small strong">
          {peer ? nameOf(peer) : words.gone}
        </h2>
        {peer && <span className="small muted">{words.summary(text.debug.mesh.roles[peer.role], peer.score, hopOf(peer))}</span>}
        <button className="icon-button push" aria-label={words.close} title={words.close} onClick={onClose}>
          <X size={18} strokeWidth={1.75} aria-hidden />
        </button>
      </header>
      {peer?.poisons && <p className="small live">{words.poisons}</p>}
      {peer && view && <PeerFigures peer={peer} engine={engine} view={view} />}
      {engine && <LinkTable neighbors={engine.neighbors} />}
    </section>
  );
}

function PeerFigures({ peer, engine, view }: { peer: PeerView; engine: EngineStats | undefined; view: SimulationView }) {
  const words = text.debug.peer;
  const parents = view.feeds.filter(({ to }) => to === peer.number).length;
  const children = view.feeds.filter(({ from }) => from === peer.number).length;
  const fromSource = ratio(peer.fromSourceBitsPerS, peer.receivedBitsPerS);
  const received = engine ? engine.receivedFromPeersBytes + engine.receivedFromSourceBytes : 0;
  return (
    <Figures
      rows={[
        [words.state, text.debug.states[peer.state]],
        [words.behind, formatSeconds(peer.behindMs)],
        [words.delay, `${peer.delayMs} ms`],
        [words.buffer, formatSeconds(peer.bufferMs)],
        [words.from, `${formatShare(received > 0 ? 1 - fromSource : 0, 0)} / ${formatShare(fromSource, 0)}`],
        [words.received, formatRate(peer.receivedBitsPerS)],
        [words.given, words.givenOf(formatRate(peer.givenBitsPerS), formatRate(peer.lineUpBitsPerS))],
        [words.line, formatRate(peer.lineDownBitsPerS)],
        [words.parents, `${parents} / ${children}`],
        [words.duplicates, formatShare(ratio(engine?.duplicateBytes ?? 0, received), 2)],
        [words.control, formatShare(ratio(engine?.controlSentBytes ?? 0, received + (engine?.givenBytes ?? 0)), 2)],
        [words.repaired, formatShare(ratio(engine?.piecesRepaired ?? 0, engine?.piecesVerified ?? 0), 2)],
        [words.failed, String(engine?.piecesFailed ?? 0)],
      ]}
    />
  );
}

function LinkTable({ neighbors }: { neighbors: readonly NeighborStats[] }) {
  const words = text.debug.peer;
  return (
    <div className="debug-table debug-links" tabIndex={0} role="region" aria-label={words.links}>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.link}</th>
            <th scope="col">{words.trip}</th>
            <th scope="col">{words.in}</th>
            <th scope="col">{words.out}</th>
            <th scope="col">{words.path}</th>
          </tr>
        </thead>
        <tbody>
          {neighbors.map((neighbor) => (
            <tr key={neighbor.peerId}>
              <th scope="row">{neighbor.role === "source" ? text.debug.log.source : neighbor.peerId.slice(0, 4)}</th>
              <td>{neighbor.rttMs} ms</td>
              <td>{formatRate(neighbor.receivedBytes10s * 0.8)}</td>
              <td>{formatRate(neighbor.givenBytes10s * 0.8)}</td>
              <td className={neighbor.relayed ? "warn-text" : undefined}>{neighbor.relayed ? words.relayed : words.direct}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
