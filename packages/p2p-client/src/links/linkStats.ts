import type { PeerId } from "../engine/engine";

/** What the browser says of the connection of one link (its first association). */
export interface LinkStats {
  peerId: PeerId;
  state: RTCPeerConnectionState;
  /** Of the addresses that ICE chose; undefined before it has. */
  localType: CandidateType | undefined;
  remoteType: CandidateType | undefined;
  /** `udp` or `tcp`; towards a TURN server what that one is spoken to over. */
  protocol: string | undefined;
  rttMs: number | undefined;
  sentBytes: number;
  receivedBytes: number;
  sentPackets: number;
  receivedPackets: number;
  /** What the browser thinks that the path carries; not all say. */
  availableBitsPerS: number | undefined;
}

export type CandidateType = "host" | "srflx" | "prflx" | "relay";

type Entry = Record<string, unknown>;

const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

function candidateType(entry: Entry | undefined): CandidateType | undefined {
  const type = entry?.candidateType;
  return type === "host" || type === "srflx" || type === "prflx" || type === "relay" ? type : undefined;
}

/** Of a report of RTCPeerConnection.getStats(): browsers differ in which entries they give. */
export function readLinkStats(peerId: PeerId, state: RTCPeerConnectionState, report: ReadonlyMap<string, Entry>): LinkStats {
  const entries = [...report.values()];
  const transport = entries.find(({ type }) => type === "transport");
  const pair =
    report.get(text(transport?.selectedCandidatePairId) ?? "") ??
    entries.find(({ type, nominated, state }) => type === "candidate-pair" && nominated === true && state === "succeeded");
  const local = report.get(text(pair?.localCandidateId) ?? "");
  const remote = report.get(text(pair?.remoteCandidateId) ?? "");
  const rttS = number(pair?.currentRoundTripTime);
  return {
    peerId,
    state,
    localType: candidateType(local),
    remoteType: candidateType(remote),
    protocol: text(local?.relayProtocol) ?? text(local?.protocol),
    rttMs: rttS === undefined ? undefined : rttS * 1_000,
    sentBytes: number(pair?.bytesSent) ?? 0,
    receivedBytes: number(pair?.bytesReceived) ?? 0,
    sentPackets: number(pair?.packetsSent) ?? 0,
    receivedPackets: number(pair?.packetsReceived) ?? 0,
    availableBitsPerS: number(pair?.availableOutgoingBitrate),
  };
}
