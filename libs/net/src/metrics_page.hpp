#pragma once

#include <string>

#include "directory/messages.hpp"
#include "gate.hpp"

namespace p2p::net {

/// What a server counts in Prometheus' text format (version 0.0.4): docs/operations.md lists the names.
///
/// Always holds: labels come from fixed lists, so no client can make a series; no id, address or title is among them.
[[nodiscard]] std::string metrics_page(const Gate& gate, const directory::Census& census, const std::string& version);

}  // namespace p2p::net
