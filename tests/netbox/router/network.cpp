#include "network.hpp"

namespace p2p::netbox {
namespace {

constexpr std::uint32_t kPublicHosts = 0xc6120000;   // 198.18.0.0
constexpr std::uint32_t kNats = 0xc6130000;          // 198.19.0.0
constexpr std::uint32_t kLans = 0x0a000000;          // 10.0.0.0

}  // namespace

std::vector<HostAddress> addresses_of(const Network& network) {
  std::vector<HostAddress> all;
  std::uint32_t public_hosts = 0;
  for (std::size_t site = 0; site < network.sites.size(); ++site) {
    std::uint32_t in_lan = 1;   // .1 is the NAT's own
    for (const std::string& host : network.sites[site].hosts) {
      const std::uint32_t lan = kLans + (static_cast<std::uint32_t>(site) + 1) * 0x10000;
      all.push_back({host, site, Address{network.sites[site].nat ? lan + ++in_lan : kPublicHosts + ++public_hosts}});
    }
  }
  return all;
}

Address nat_address_of(std::size_t site) { return Address{kNats + static_cast<std::uint32_t>(site) + 1}; }

}  // namespace p2p::netbox
