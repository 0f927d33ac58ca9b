#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"

namespace p2p::netbox {

/// Runs `ip` (iproute2) with `input` on its standard input; gives what it printed, or as an error what it complained about.
[[nodiscard]] Result<std::string> run_ip(const std::vector<std::string>& arguments, const std::string& input = {});

}  // namespace p2p::netbox
