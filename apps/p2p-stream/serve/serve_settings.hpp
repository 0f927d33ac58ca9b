#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "turn/address_range.hpp"
#include "turn/endpoint.hpp"

namespace p2p::app {

/// STUN and TURN as an operator sets them (docs/turn.md).
struct TurnSettings {
  std::string ice_servers;
  std::optional<bool> enabled;            ///< nothing: on, unless there is a TURN server elsewhere
  std::optional<std::uint16_t> port;      ///< nothing: 3478; whoever names one wants it
  std::string host;                       ///< empty: that of the signaling server
  std::optional<turn::IpAddress> external_address;
  std::uint16_t relay_port_min = 0;       ///< these two: 0 for any
  std::uint16_t relay_port_max = 0;
  std::vector<turn::AddressRange> allowed;
  std::size_t allocations = 0;            ///< of one peer
  std::size_t allocations_max = 0;
  std::int64_t bandwidth_bits_per_s = 0;  ///< of one peer
  Duration lifetime{};                    ///< of credentials
  std::string server_url;                 ///< these four: a TURN server elsewhere
  std::string username;
  std::string credential;
  std::string secret;
};

/// What `p2p-stream serve` is told. The defaults stand in the table of settings (setting.hpp), and are here once it was read.
struct ServeSettings {
  bool production = false;
  std::string host;
  std::uint16_t port = 0;
  std::size_t connections_max = 0;
  std::string state_directory;            ///< empty: the user's own
  std::vector<std::string> allowed_origins;
  std::vector<std::string> trusted_proxies;
  std::string consent;                    ///< notice, ask or off
  bool tls_self_signed = false;
  std::string tls_cert;
  std::string tls_key;
  TurnSettings turn;
  std::string metrics_listen;
  std::string log_level;
  std::string log_format;                 ///< empty: text, in production json
};

}  // namespace p2p::app
