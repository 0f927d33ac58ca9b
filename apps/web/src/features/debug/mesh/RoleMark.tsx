import type { Role } from "@p2p-stream/client";

interface Props {
  role: Role;
  x: number;
  y: number;
  /** 1: as in a mesh of some dozens. */
  size: number;
  poisons?: boolean;
}

/** Meaning by shape, then fill: a square, a large disc, a small one, a hollow one; a cross for who poisons. */
export function RoleMark({ role, x, y, size, poisons = false }: Props) {
  if (poisons) {
    const arm = 4.5 * size;
    return <path className="mark poisoner" d={`M${x - arm} ${y - arm}L${x + arm} ${y + arm}M${x - arm} ${y + arm}L${x + arm} ${y - arm}`} />;
  }
  switch (role) {
    case "source":
      return <rect className="mark source" x={x - 5 * size} y={y - 5 * size} width={10 * size} height={10 * size} />;
    case "super-seed":
      return <circle className="mark super-seed" cx={x} cy={y} r={6 * size} />;
    case "relay":
      return <circle className="mark relay" cx={x} cy={y} r={4.5 * size} />;
    case "leaf":
      return <circle className="mark leaf" cx={x} cy={y} r={4 * size} />;
  }
}
