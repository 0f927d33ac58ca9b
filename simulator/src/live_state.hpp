#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/prng.hpp"
#include "engine_counts.hpp"
#include "p2p-core/types.hpp"
#include "simulator/live_simulation.hpp"

namespace p2p::simulator {

/// What a live simulation keeps beside the swarm.
struct LiveState {
  static constexpr std::size_t kLogLinesMax = 20'000;   ///< older ones are forgotten
  static constexpr std::int64_t kSecondsLooked = 10;

  explicit LiveState(std::uint64_t seed) : prng{seed} {}

  void log(LogKind kind, std::uint32_t peer, PeerId id, std::string text, Instant now) {
    if (lines.size() == kLogLinesMax) lines.pop_front();
    lines.push_back({++lines_written, now, kind, peer, id, std::move(text)});
  }
  [[nodiscard]] std::int64_t setting(LiveChange::Kind kind) const { return settings[static_cast<std::size_t>(kind)]; }

  Prng prng;                      // of who leaves
  std::array<std::int64_t, LiveChange::kKinds> settings{};
  std::vector<LiveChange> changes;
  std::uint32_t rush = 0;         // of those who are to come, so many at once
  std::optional<std::uint32_t> followed;
  std::deque<LogLine> lines;
  std::uint64_t lines_written = 0;

  /// Of a peer, as it was told last.
  struct Told {
    mesh::Role role = mesh::Role::kLeaf;
    std::uint8_t score = 0;
    std::uint64_t repaired = 0;
  };
  std::vector<Told> told;         // by number

  std::deque<EngineCounts> sums;  // over all engines, at a second's end; the last kSecondsLooked + 1
  LiveTotals totals;
  std::uint64_t failed_gone = 0;  // of those who left
  std::uint64_t accused = 0;
};

}  // namespace p2p::simulator
