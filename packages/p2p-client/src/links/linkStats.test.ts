import { expect, test } from "vitest";
import { readLinkStats } from "./linkStats";

const report = (...entries: Record<string, unknown>[]) => new Map(entries.map((entry) => [String(entry.id), entry]));

const pair = {
  id: "P",
  type: "candidate-pair",
  localCandidateId: "L",
  remoteCandidateId: "R",
  nominated: true,
  state: "succeeded",
  currentRoundTripTime: 0.018,
  bytesSent: 1_200,
  bytesReceived: 3_400,
  packetsSent: 12,
  packetsReceived: 34,
  availableOutgoingBitrate: 300_000,
};

test("the pair that the transport names is read", () => {
  const stats = readLinkStats(
    "a".repeat(16),
    "connected",
    report(
      { id: "T", type: "transport", selectedCandidatePairId: "P" },
      { ...pair, id: "other", currentRoundTripTime: 9 },
      pair,
      { id: "L", type: "local-candidate", candidateType: "relay", protocol: "udp", relayProtocol: "tcp" },
      { id: "R", type: "remote-candidate", candidateType: "srflx", protocol: "udp" },
    ),
  );
  expect(stats).toEqual({
    peerId: "a".repeat(16),
    state: "connected",
    localType: "relay",
    remoteType: "srflx",
    protocol: "tcp",
    rttMs: 18,
    sentBytes: 1_200,
    receivedBytes: 3_400,
    sentPackets: 12,
    receivedPackets: 34,
    availableBitsPerS: 300_000,
  });
});

test("without a transport entry, as in Firefox, the nominated pair is read", () => {
  const stats = readLinkStats("b".repeat(16), "connected", report({ ...pair, id: "no", nominated: false, bytesSent: 1 }, pair));
  expect(stats.sentBytes).toBe(1_200);
  expect(stats.localType).toBeUndefined();
});

test("a connection that has chosen no path yet has no figures", () => {
  const stats = readLinkStats("c".repeat(16), "connecting", report());
  expect(stats).toMatchObject({ rttMs: undefined, sentBytes: 0, protocol: undefined, availableBitsPerS: undefined });
});
