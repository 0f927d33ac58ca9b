#pragma once

#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "turn/endpoint.hpp"

namespace p2p::turn {

/// The addresses whose first bits are those of `base`.
struct AddressRange {
  IpAddress base;
  unsigned bits = 128;   ///< of the 128-bit form; an IPv4 prefix of n bits has 96 + n

  [[nodiscard]] bool contains(const IpAddress& ip) const;
};

/// "192.168.1.0/24", "fd00::/8" or a single address, with commas between; nothing is an empty list. The error is a sentence.
[[nodiscard]] Result<std::vector<AddressRange>> parse_ranges(std::string_view text);

/// Not an address of one host on the public internet: private, loopback, link-local, multicast, documentation, translation and so on
/// (the IANA special-purpose address registries of RFC 6890). A relay that sent there would carry strangers past its owner's firewall.
[[nodiscard]] bool is_special(const IpAddress& ip);

}  // namespace p2p::turn
