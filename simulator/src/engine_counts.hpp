#pragma once

#include <cstdint>

#include "p2p-core/stats.hpp"
#include "percentiles.hpp"

namespace p2p::simulator {

/// What engines count of themselves, summed; fractions are of what came since an earlier sum.
struct EngineCounts {
  std::int64_t duplicates = 0, received = 0;   // bytes
  std::uint64_t verified = 0, repaired = 0;    // pieces

  void add(const mesh::EngineStats& stats) {
    duplicates += stats.duplicate_bytes;
    received += stats.received_from_peers_bytes + stats.received_from_source_bytes;
    verified += stats.pieces_verified;
    repaired += stats.pieces_repaired;
  }
  [[nodiscard]] double duplicate_fraction(const EngineCounts& since) const {
    return ratio(static_cast<double>(duplicates - since.duplicates), static_cast<double>(received - since.received));
  }
  [[nodiscard]] double repair_fraction(const EngineCounts& since) const {
    return ratio(static_cast<double>(repaired - since.repaired), static_cast<double>(verified - since.verified));
  }
};

}  // namespace p2p::simulator
