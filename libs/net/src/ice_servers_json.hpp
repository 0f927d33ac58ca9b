#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "net/ice_server.hpp"

namespace p2p::net {

/// A list of servers as `iceServers` of docs/signaling.md.
[[nodiscard]] std::string to_json(const std::vector<IceServer>& servers);

/// What `serve --ice-servers` was given: such a list, or addresses with commas between.
[[nodiscard]] Result<std::vector<IceServer>> parse_ice_servers(std::string_view text);

/// Addresses with commas between.
[[nodiscard]] Result<std::vector<std::string>> parse_ice_urls(std::string_view text);

}  // namespace p2p::net
