#include "peer/stats_file.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>

#include "base/hex.hpp"

namespace p2p::app {

bool write_stats(const std::string& path, const mesh::EngineStats& stats) {
  std::string neighbors;
  for (const mesh::NeighborStats& n : stats.neighbors) {
    neighbors += fmt::format(R"({}{{"peerId":"{}","role":{},"stripesIn":{},"stripesOut":{},"rttMs":{},"receivedBytes":{},"givenBytes":{},"relayed":{}}})",
                             neighbors.empty() ? "" : ",", to_text(n.peer), static_cast<int>(n.role), n.stripes_in, n.stripes_out, n.rtt_ms,
                             n.received_bytes, n.given_bytes, n.relayed);
  }
  std::string hops;
  for (const mesh::StripeStats& stripe : stats.stripes) hops += fmt::format("{}{}", hops.empty() ? "" : ",", stripe.hop);
  const std::string draft = path + ".new";
  std::ofstream file{draft};
  file << fmt::format(
      R"({{"hop":{},"receivedFromPeersBytes":{},"receivedFromSourceBytes":{},"givenBytes":{},"producedBytes":{},"duplicateBytes":{},"controlSentBytes":{},)"
      R"("piecesVerified":{},"piecesRepaired":{},"piecesFailed":{},"partsPlayed":{},"partsSkipped":{},"delayMs":{},"stripeHops":[{}],"neighbors":[{}]}})",
      stats.hop, stats.received_from_peers_bytes, stats.received_from_source_bytes, stats.given_bytes, stats.produced_bytes, stats.duplicate_bytes,
      stats.control_sent_bytes, stats.pieces_verified, stats.pieces_repaired, stats.pieces_failed, stats.parts_played, stats.parts_skipped,
      stats.delay_ms, hops, neighbors);
  file.close();
  return file && std::rename(draft.c_str(), path.c_str()) == 0;
}

}  // namespace p2p::app
