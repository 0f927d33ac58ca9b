#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "http.hpp"
#include "ip_address.hpp"

namespace p2p::net {

/// The reverse proxies in front of the server, whose word on who the client is counts.
///
/// Always holds: what a client writes into X-Forwarded-* itself changes nothing: without trusted proxies the fields are not looked at, and
/// with them the list is read from its end, where the proxy that connected to us wrote, up to the first that is no trusted proxy.
///
/// Out of scope: `Forwarded` (RFC 7239), which hardly any proxy writes by itself, and the PROXY protocol.
class TrustedProxies {
 public:
  TrustedProxies() = default;
  /// Addresses and blocks, as in `127.0.0.1` and `10.0.0.0/8`. The error is a sentence for a person.
  [[nodiscard]] static Result<TrustedProxies> parse(const std::vector<std::string>& blocks);

  [[nodiscard]] bool empty() const { return blocks_.empty(); }
  [[nodiscard]] bool contains(const IpAddress& address) const;

  /// Who sent a request that came over a connection from `from`. An unreadable list ends at the proxy that passed it on.
  [[nodiscard]] IpAddress client_of(const IpAddress& from, const HttpRequest& request) const;

 private:
  std::vector<AddressBlock> blocks_;
};

}  // namespace p2p::net
