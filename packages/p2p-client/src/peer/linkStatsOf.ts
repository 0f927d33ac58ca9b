import { readLinkStats, type LinkStats } from "../links/linkStats";
import type { MeshPeer } from "./meshPeer";

/** What the browser says of each link that is up; some milliseconds of work a link. */
export async function linkStatsOf(peer: MeshPeer | undefined): Promise<LinkStats[]> {
  const all = (peer?.stats()?.neighbors ?? []).map(async ({ peerId }) => {
    const connection = peer?.connectionOf(peerId);
    if (!connection) return undefined;
    const report = (await connection.getStats()) as unknown as ReadonlyMap<string, Record<string, unknown>>;
    return readLinkStats(peerId, connection.connectionState, report);
  });
  return (await Promise.all(all)).filter((stats) => stats !== undefined);
}
