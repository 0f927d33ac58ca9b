import type { NeighborStats, Role } from "@p2p-stream/client";
import { formatPercent, formatRate } from "../../text/format";
import { text } from "../../text/text";

const rowHeight = 30;
const columns = { source: 90, parent: 270, you: 430, child: 580 };

/** Who feeds you and whom you feed, at the width of their share. The same figures stand in NeighborTable. */
export function PeerMap({ neighbors }: { neighbors: readonly NeighborStats[] }) {
  const words = text.watch;
  const total = neighbors.reduce((sum, { receivedBytes10s }) => sum + receivedBytes10s, 0);
  const share = ({ receivedBytes10s }: NeighborStats) => (total > 0 ? receivedBytes10s / total : 0);
  const source = neighbors.find(({ role }) => role === "source");
  const parents = neighbors.filter(({ role, receivedBytes10s }) => role !== "source" && receivedBytes10s > 0).slice(0, 8);
  const children = neighbors.filter(({ stripesOut }) => stripesOut > 0).slice(0, 8);
  const height = Math.max(parents.length, children.length, 3) * rowHeight + 30;
  const middle = height / 2 - 8;
  const rows = (count: number) => (index: number) => middle + (index - (count - 1) / 2) * rowHeight;
  const parentY = rows(parents.length);
  const childY = rows(children.length);
  return (
    <svg
      className="peer-map"
      viewBox={`0 0 690 ${height}`}
      role="img"
      aria-label={`${parents.length} peers feed you, you feed ${children.length}`}
    >
      {parents.map((parent, index) => (
        <g key={parent.peerId}>
          <path className="link faint-link" d={curve(columns.source + 8, middle, columns.parent - 8, parentY(index))} strokeWidth={1.25} />
          <path
            className={parent.relayed ? "link through-relay" : "link feeds"}
            d={curve(columns.parent + 8, parentY(index), columns.you - 10, middle)}
            strokeWidth={1 + 5 * share(parent)}
          />
          <RoleMark role={parent.role} x={columns.parent} y={parentY(index)} />
          <text x={columns.parent - 14} y={parentY(index) + 4} textAnchor="end">
            <tspan className="id">{parent.peerId.slice(0, 4)}</tspan> {formatPercent(share(parent))}
          </text>
        </g>
      ))}
      {source && share(source) > 0 && (
        <path
          className={source.relayed ? "link through-relay" : "link from-source"}
          strokeWidth={1 + 5 * share(source)}
          d={`M${columns.source} ${middle + 9}C${columns.source} ${height - 4} 130 ${height - 4} 270 ${height - 4}S${columns.you} ${height - 12} ${columns.you} ${middle + 12}`}
        />
      )}
      <RoleMark role="source" x={columns.source} y={middle} />
      <text x={columns.source - 16} y={middle - 2} textAnchor="end" className="id">
        {words.source}
      </text>
      {source && (
        <text x={columns.source - 16} y={middle + 14} textAnchor="end">
          {formatPercent(share(source))}
        </text>
      )}
      {children.map((child, index) => (
        <g key={child.peerId}>
          <path className={child.relayed ? "link through-relay" : "link given"} strokeWidth={1.5} d={curve(columns.you + 10, middle, columns.child - 6, childY(index))} />
          <RoleMark role={child.role} x={columns.child} y={childY(index)} />
          <text x={columns.child + 14} y={childY(index) + 4}>
            <tspan className="id">{child.peerId.slice(0, 4)}</tspan> {formatRate(child.givenBytes10s * 0.8)}
          </text>
        </g>
      ))}
      <circle className="mark you" cx={columns.you} cy={middle} r={10} />
      <text x={columns.you} y={middle - 20} textAnchor="middle" className="id">
        {words.you}
      </text>
    </svg>
  );
}

function curve(x1: number, y1: number, x2: number, y2: number): string {
  const bend = (x1 + x2) / 2;
  return `M${x1} ${y1}C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}`;
}

/** Roles differ by shape first, then by fill. */
function RoleMark({ role, x, y }: { role: Role; x: number; y: number }) {
  switch (role) {
    case "source":
      return <rect className="mark source" x={x - 8} y={y - 8} width={16} height={16} />;
    case "super-seed":
      return <circle className="mark super-seed" cx={x} cy={y} r={7} />;
    case "relay":
      return <circle className="mark relay" cx={x} cy={y} r={5.5} />;
    case "leaf":
      return <circle className="mark leaf" cx={x} cy={y} r={5} />;
  }
}
