#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "net/ice_servers.hpp"
#include "net/turn_server.hpp"

namespace CLI {
class App;
}

namespace p2p::app {

/// STUN and TURN as an operator sets them, by flag or environment (docs/turn.md).
struct TurnSettings {
  std::string ice_servers;
  std::string enabled;            ///< "on", "off", or empty: on, unless there is a TURN server elsewhere
  std::optional<std::uint16_t> port;   ///< 3478, and whoever names one wants it
  std::string external_address;
  std::string relay_ports;        ///< "MIN-MAX"
  std::string allow;              ///< ranges with commas between
  std::size_t allocations = 40;   ///< of one peer
  std::size_t allocations_max = 2'000;
  std::string bandwidth = "20M";  ///< of one peer
  double lifetime_h = 6;          ///< of credentials
  std::string server_url;         ///< these four: a TURN server elsewhere
  std::string username;
  std::string credential;
  std::string secret;
};

/// The flags, with their environment variables. What they say stands in `settings` once the command line is parsed.
void add_turn_options(CLI::App& command, TurnSettings& settings);

/// What serves and what clients are told.
struct Turn {
  std::unique_ptr<net::TurnServer> server;   ///< none: off, or its port is taken and nobody had asked for it
  net::IceServers::Options ice;
  std::string warning;                       ///< a sentence for the log, or empty
};

/// The error is a sentence. A relay that was asked for and cannot be is an error; one that is on by itself is a warning.
[[nodiscard]] Result<Turn> start_turn(const TurnSettings& settings, const std::string& host);

}  // namespace p2p::app
