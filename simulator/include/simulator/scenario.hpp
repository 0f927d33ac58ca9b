#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "simulator/world.hpp"

namespace p2p::simulator {

/// A named world, with what it is to show.
struct Scenario {
  std::string_view name;
  std::string_view shows;
  World world;
};

[[nodiscard]] std::span<const Scenario> scenarios();
[[nodiscard]] const Scenario* find_scenario(std::string_view name);

}  // namespace p2p::simulator
