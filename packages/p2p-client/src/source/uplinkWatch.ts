import type { NeighborStats, PeerId } from "../engine/engine";

/**
 * Whether the source's own line is full: pieces wait until they are of no use on half of the links or more. One link that is slow is its
 * viewer's affair, who goes to another quality.
 */
export class UplinkWatch {
  #before = new Map<PeerId, NeighborStats>();

  /** Told once a second. */
  isFull(neighbors: readonly NeighborStats[]): boolean {
    let fed = 0;
    let late = 0;
    for (const neighbor of neighbors) {
      const before = this.#before.get(neighbor.peerId);
      if (!before) continue;
      const isLate = neighbor.piecesUnsent > before.piecesUnsent;
      if (isLate || neighbor.givenBytes > before.givenBytes) fed += 1;
      if (isLate) late += 1;
    }
    this.#before = new Map(neighbors.map((neighbor) => [neighbor.peerId, neighbor]));
    return late > 0 && late * 2 >= fed;
  }
}
