// Packets of a host that sends anything: through its NAT, to another host and back, bytes as they come.
#include <algorithm>
#include <cstdint>

#include "base/check.hpp"
#include "router.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2p;
  using namespace p2p::netbox;
  Network network;
  network.sites.push_back({.name = "home", .hosts = {"a", "b"}, .nat = NatOptions{.hairpin = true, .mappings_max = 8}});
  network.sites.push_back({.name = "open", .hosts = {"c"}});
  Router router{network};
  const auto hosts = addresses_of(network);
  Instant now{};
  const BytesView input{reinterpret_cast<const std::byte*>(data), size};
  // Each packet: a byte that says who sends it, a byte with its length in units of four.
  for (std::size_t at = 0; at + 2 <= input.size();) {
    const std::size_t host = std::to_integer<std::size_t>(input[at]) % hosts.size();
    const std::size_t length = std::min(std::to_integer<std::size_t>(input[at + 1]) * 4, input.size() - at - 2);
    Bytes packet{input.begin() + static_cast<std::ptrdiff_t>(at + 2), input.begin() + static_cast<std::ptrdiff_t>(at + 2 + length)};
    at += 2 + length;
    // Most would fail on the sender's address alone, which is the first thing that is looked at.
    if (packet.size() >= 16) {
      for (std::size_t i = 0; i < 4; ++i) packet[12 + i] = static_cast<std::byte>(hosts[host].address.value >> (24 - 8 * i) & 0xff);
    }
    now += 1ms;
    router.handle_packet(host, std::move(packet), now);
    while (auto delivery = router.poll(now)) CHECK(Ipv4Packet::parse(delivery->packet).has_value(), "what is delivered is a packet");
  }
  return 0;
}
