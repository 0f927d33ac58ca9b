#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "ipv4_packet.hpp"

namespace p2p::netbox::testing {

/// Packets with right checksums, for tests to send through the box.
[[nodiscard]] Bytes udp_packet(Endpoint from, Endpoint to, std::size_t payload = 10);
[[nodiscard]] Bytes tcp_packet(Endpoint from, Endpoint to, std::uint8_t flags);
[[nodiscard]] Bytes echo_request(Address from, Address to, std::uint16_t identifier);
[[nodiscard]] Bytes echo_reply(Address from, Address to, std::uint16_t identifier);
[[nodiscard]] Bytes port_unreachable(Address from, BytesView about);

/// Computed anew over the whole packet, not by difference as the NAT does.
[[nodiscard]] bool checksums_right(BytesView packet);

[[nodiscard]] Address address(const char* text);

/// `packet` read; the test fails when it cannot be.
[[nodiscard]] Ipv4Packet view_of(Bytes& packet);

}  // namespace p2p::netbox::testing
