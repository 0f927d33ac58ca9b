import type { NeighborStats } from "@p2p-stream/client";
import { formatBytes } from "../../text/format";
import { text } from "../../text/text";

export function NeighborTable({ neighbors }: { neighbors: readonly NeighborStats[] }) {
  const words = text.watch;
  if (neighbors.length === 0) return <p className="muted">{words.noPeers}</p>;
  return (
    <div className="table-frame" tabIndex={0}>
      <table>
        <caption className="visually-hidden">{words.neighbors}</caption>
        <thead>
          <tr>
            <th scope="col">{words.peer}</th>
            <th scope="col">{words.role}</th>
            <th scope="col">{words.feedsYou}</th>
            <th scope="col">{words.youFeed}</th>
            <th scope="col">{words.way}</th>
            <th scope="col">{words.trip}</th>
            <th scope="col">{words.received}</th>
            <th scope="col">{words.givenColumn}</th>
          </tr>
        </thead>
        <tbody>
          {neighbors.map((neighbor) => (
            <tr key={neighbor.peerId}>
              <th scope="row" className="id">
                {neighbor.peerId.slice(0, 4)}
              </th>
              <td>{words.roles[neighbor.role]}</td>
              <td>{words.stripes(neighbor.stripesIn)}</td>
              <td>{words.stripes(neighbor.stripesOut)}</td>
              <td>{neighbor.relayed ? words.throughRelay : words.direct}</td>
              <td>{neighbor.rttMs} ms</td>
              <td>{formatBytes(neighbor.receivedBytes)}</td>
              <td>{formatBytes(neighbor.givenBytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
