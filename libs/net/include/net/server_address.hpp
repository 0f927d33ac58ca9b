#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace p2p::net {

/// Where a server is, as people write it: `http://host:3001`, `https://host`, `host:3001`, `host`, or any page of it.
struct ServerAddress {
  bool tls = false;
  std::string host;         ///< without the brackets of an IPv6 address
  std::uint16_t port = 0;   ///< 3001 when neither scheme nor port is given
  std::string path = "/";   ///< with the leading slash; "/watch/<id>" for a link that a viewer was sent

  /// "http://host:port", the port left out where it is the scheme's own.
  [[nodiscard]] std::string origin() const;
};

/// The error is a sentence that shows how an address looks.
[[nodiscard]] Result<ServerAddress> parse_server_address(std::string_view text);

}  // namespace p2p::net
