#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "ipv4_packet.hpp"
#include "link.hpp"
#include "nat.hpp"

namespace p2p::netbox {

/// A place with an access line, and the hosts behind it. Latency between two sites is that of both lines and the distance.
struct Site {
  std::string name;
  std::vector<std::string> hosts;
  double x_ms = 0, y_ms = 0;         ///< where it lies; distances are milliseconds one way
  LinkOptions up, down;
  std::optional<NatOptions> nat;     ///< nothing: its hosts have public addresses
  bool udp_blocked = false;          ///< a firewall that passes everything else
};

/// Something that happens to a site's line.
struct Change {
  std::size_t site = 0;
  std::optional<bool> alive;
  std::optional<LinkOptions> up, down;
};

struct TimedChange {
  Duration at{};
  Change change;
};

struct Network {
  std::uint64_t seed = 1;
  std::vector<Site> sites;
  std::vector<TimedChange> events;   ///< by time
  /// The router rests at least so long between two looks at its hosts: packets are late by up to this, and cost it less. 0: it never rests.
  Duration grain{};
};

/// Addresses follow from a host's place in the file. Public ones lie in 198.18.0.0/15, which is set aside for benches (RFC 2544):
/// hosts in 198.18/16, NATs in 198.19/16; behind the NAT of site n is the network 10.n.0/24.
struct HostAddress {
  std::string name;
  std::size_t site = 0;
  Address address;
};

inline constexpr std::size_t kSitesMax = 250;
inline constexpr std::size_t kHostsAtSiteMax = 200;
inline constexpr Address kCoreAddress{0xc6120000};   ///< 198.18.0.0, who sends the core's ICMP errors

[[nodiscard]] std::vector<HostAddress> addresses_of(const Network& network);
[[nodiscard]] Address nat_address_of(std::size_t site);

}  // namespace p2p::netbox
