#include "simulator/scenario.hpp"

#include <array>

namespace p2p::simulator {

std::span<const Scenario> scenarios() {
  static const std::array<Scenario, 1> all{{
      {"small", "a few viewers: the source sends each piece about once, not once a viewer", World{}},
  }};
  return all;
}

const Scenario* find_scenario(std::string_view name) {
  for (const Scenario& scenario : scenarios()) {
    if (scenario.name == name) return &scenario;
  }
  return nullptr;
}

}  // namespace p2p::simulator
