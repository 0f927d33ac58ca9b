#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "simulator/live_simulation.hpp"

namespace p2p::app {

/// A run of the debug page, as its "Save trace" writes it: JSON lines, of which `run`, `change` and `digest` say how to repeat it.
struct Recording {
  std::uint64_t seed = 0;
  std::vector<simulator::LiveChange> changes;   ///< in the order of their times
  Instant end{};
  std::uint64_t digest = 0;                     ///< at `end`
};

[[nodiscard]] Result<Recording> read_recording(std::string_view lines);
[[nodiscard]] Result<Recording> read_recording_file(const std::string& path);

/// Runs it again; the digest at its end.
[[nodiscard]] Result<std::uint64_t> replay(const Recording& recording);

}  // namespace p2p::app
