#pragma once

#include <optional>
#include <string>
#include <vector>

#include "doctor/finding.hpp"
#include "net/ice_server.hpp"
#include "net/signaling_client.hpp"
#include "serve/serve_settings.hpp"
#include "turn/endpoint.hpp"

/// Whether STUN and TURN work, asked as clients ask.
namespace p2p::app {

/// Starts the program's own server as `serve` would, but on a port that is free, and asks it for a relayed address.
[[nodiscard]] std::vector<Finding> check_own_turn(const ServeSettings& settings);

/// Each address of these servers by its own transport. `mapped` gets the address under which the first of them saw us, if it is a public one.
[[nodiscard]] std::vector<Finding> check_ice_servers(const std::vector<net::IceServer>& servers, const net::TlsTrust& tls, Duration timeout, std::optional<turn::IpAddress>* mapped = nullptr);

/// Servers elsewhere that the settings name, with credentials as a member is given them. The error is the sentence of the server.
[[nodiscard]] Result<std::vector<net::IceServer>> servers_elsewhere(const ServeSettings& settings);

/// Whether clients are told an address under which they reach this machine. `own`: addresses of its interfaces; `mapped`: as a server outside saw it.
[[nodiscard]] Finding check_external_address(const ServeSettings& settings, const std::vector<std::string>& own, const std::optional<turn::IpAddress>& mapped);

}  // namespace p2p::app
