#pragma once

#include <vector>

#include <rtc/configuration.hpp>

#include "transport/links.hpp"

namespace p2p::transport {

/// The settings that libdatachannel keeps for the whole process; the first call makes them.
void apply_sctp_settings();

[[nodiscard]] std::vector<rtc::IceServer> usable_ice_servers(const std::vector<IceServer>& servers);

}  // namespace p2p::transport
