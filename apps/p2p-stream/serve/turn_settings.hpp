#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "net/ice_servers.hpp"
#include "net/turn_server.hpp"
#include "serve/serve_settings.hpp"

namespace p2p::app {

/// What serves and what clients are told.
struct Turn {
  std::unique_ptr<net::TurnServer> server;   ///< none: off, or its port is taken and nobody had asked for it
  net::IceServers::Options ice;
  std::string warning;                       ///< a sentence for the log, or empty
};

/// Whether this program is to have a STUN and TURN server, on which address, and its UDP port (0: any that is free).
[[nodiscard]] bool turn_wanted(const TurnSettings& settings);
[[nodiscard]] const std::string& turn_host_of(const ServeSettings& settings);
[[nodiscard]] std::uint16_t turn_port_of(const TurnSettings& settings);

/// What clients are told of servers elsewhere.
[[nodiscard]] net::IceServers::Options ice_options(const TurnSettings& settings);

/// The error is a sentence. A relay that was asked for and cannot be is an error, and so is any in production; else one that is on by itself is a
/// warning.
[[nodiscard]] Result<Turn> start_turn(const ServeSettings& settings);

}  // namespace p2p::app
