import type { LinkStats } from "@p2p-stream/client";
import { formatBytes, formatRate } from "../../../text/format";
import { text } from "../../../text/text";

export interface LinksAt {
  name: string;
  links: readonly LinkStats[];
}

/** RTCPeerConnection.getStats() of each link, at each of its ends in this page. */
export function RealLinks({ tables }: { tables: readonly LinksAt[] }) {
  const words = text.debug.real;
  const rows = tables.flatMap(({ name, links }) => links.map((link) => ({ name, link })));
  if (rows.length === 0) return <p className="small faint">{words.noLinks}</p>;
  return (
    <div className="debug-table" tabIndex={0} role="region" aria-label={words.webrtc} data-testid="webrtc">
      <table>
        <thead>
          <tr>
            {Object.values(words.columns).map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, link }) => (
            <tr key={`${name} ${link.peerId}`}>
              <td>{name}</td>
              <th scope="row">{link.peerId.slice(0, 4)}</th>
              <td>{link.state}</td>
              <td>{link.localType ? words.path(link.localType, link.remoteType ?? "?", link.protocol ?? "?") : "-"}</td>
              <td>{link.rttMs === undefined ? "-" : `${link.rttMs.toFixed(0)} ms`}</td>
              <td>{formatBytes(link.sentBytes)}</td>
              <td>{formatBytes(link.receivedBytes)}</td>
              <td>{link.availableBitsPerS === undefined ? "-" : formatRate(link.availableBitsPerS)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
