import type { NeighborStats, PeerId } from "../engine/engine";

/** Whether the source's own line takes less than is sent: that may be, when there is one link to judge by. */
export type LineState = "free" | "perhaps-full" | "full";

/**
 * The source's own line is full when less leaves than is to on half of the links or more. One link that is slow among others is its
 * viewer's affair, who goes to another quality.
 */
export class UplinkWatch {
  #before = new Map<PeerId, NeighborStats>();

  /** Told once a second. */
  look(neighbors: readonly NeighborStats[]): LineState {
    let fed = 0;
    let late = 0;
    for (const neighbor of neighbors) {
      const before = this.#before.get(neighbor.peerId);
      if (!before) continue;
      const isLate = neighbor.heldUp > before.heldUp;
      if (isLate || neighbor.givenBytes > before.givenBytes) fed += 1;
      if (isLate) late += 1;
    }
    this.#before = new Map(neighbors.map((neighbor) => [neighbor.peerId, neighbor]));
    if (late === 0 || late * 2 < fed) return "free";
    return late === 1 ? "perhaps-full" : "full";
  }
}
