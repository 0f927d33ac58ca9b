#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "p2p-core/output.hpp"
#include "simulator/simulation.hpp"

namespace p2p::simulator {

/// Watches the viewers' players and makes the figures of a run.
class Recorder {
 public:
  explicit Recorder(const World& world) : world_{world} {}

  void produced(std::int64_t captured_us, Instant now);
  void joined(std::uint32_t viewer, Instant now);
  void played(std::uint32_t viewer, const mesh::PlayPart& part, Instant now);

  /// Completes `figures` by what was seen and by the engines' own counts (the source's first).
  void finish(const std::vector<mesh::EngineStats>& peers, Instant end, Figures& figures) const;

 private:
  struct Viewer {
    Instant joined{};
    Instant first_frame{};
    bool has_frame = false;
    std::map<std::int64_t, Instant> played;   // by capture time
  };

  World world_;
  std::map<std::int64_t, Instant> produced_;
  std::map<std::uint32_t, Viewer> viewers_;
};

}  // namespace p2p::simulator
