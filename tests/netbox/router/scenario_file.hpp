#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "network.hpp"

namespace p2p::netbox {

/// Reads a scenario (README.md has the format). An error says where in the file it is and what is allowed there.
[[nodiscard]] Result<Network> parse_scenario(std::string_view json);

/// Reads one change, as an event of a scenario without its time: `{"site": "home", "line": "dead"}`.
[[nodiscard]] Result<Change> parse_change(std::string_view json, const Network& network);

}  // namespace p2p::netbox
