#pragma once

#include <cstdint>
#include <string>

#include "simulator/simulation.hpp"

namespace p2p::app {

struct SimulationReport {
  std::string scenario;
  std::uint64_t seed = 0;
  std::uint32_t peers = 0;
  double wall_s = 0;
  double memory_mb = 0;
  simulator::Figures figures;
};

/// The lines for a terminal.
[[nodiscard]] std::string to_text(const SimulationReport& report, const simulator::World& world);
/// One JSON object with the keys of docs/measures.md.
[[nodiscard]] std::string to_json(const SimulationReport& report);

}  // namespace p2p::app
