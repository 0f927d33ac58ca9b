#pragma once

#include <optional>
#include <string>

#include "directory/messages.hpp"
#include "gate.hpp"
#include "turn/relay_stats.hpp"

namespace p2p::net {

/// What a server counts in Prometheus' text format (version 0.0.4): docs/operations.md lists the names.
///
/// Without a relay its names are left out.
///
/// Always holds: labels come from fixed lists, so no client can make a series; no id, address or title is among them.
[[nodiscard]] std::string metrics_page(const Gate& gate, const directory::Census& census, const std::optional<turn::RelayStats>& relay, const std::string& version);

}  // namespace p2p::net
