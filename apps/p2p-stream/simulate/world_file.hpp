#pragma once

#include <string>

#include "base/error.hpp"
#include "simulator/world.hpp"

namespace p2p::app {

/// `world` with the numbers that a JSON file changes; its keys are the names in a report's head (simulator/world_fields.hpp).
[[nodiscard]] Result<simulator::World> read_world_file(const std::string& path, simulator::World world);

/// The same from text.
[[nodiscard]] Result<simulator::World> read_world(const std::string& json, simulator::World world);

}  // namespace p2p::app
