#include "testing/packets.hpp"

#include <arpa/inet.h>

#include "base/check.hpp"
#include "checksum.hpp"

namespace p2p::netbox::testing {
namespace {

constexpr std::size_t kHeader = 20;

Bytes packet(Protocol protocol, Address from, Address to, BytesView transport) {
  Bytes bytes;
  append_big_endian(bytes, std::uint16_t{0x4500});
  append_big_endian(bytes, static_cast<std::uint16_t>(kHeader + transport.size()));
  append_big_endian(bytes, std::uint32_t{0x12340000});
  append_big_endian(bytes, static_cast<std::uint16_t>(64 << 8 | static_cast<unsigned>(protocol)));
  append_big_endian(bytes, std::uint16_t{0});
  append_big_endian(bytes, from.value);
  append_big_endian(bytes, to.value);
  append(bytes, transport);
  return bytes;
}

void put16(Bytes& bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<std::byte>(value >> 8);
  bytes[at + 1] = static_cast<std::byte>(value & 0xff);
}

std::uint32_t pseudo_header(BytesView packet) {
  std::uint32_t sum = static_cast<std::uint32_t>(packet.size() - kHeader) + std::to_integer<std::uint32_t>(packet[9]);
  for (std::size_t at = 12; at < 20; at += 2) sum += static_cast<std::uint32_t>(read_big_endian(packet, at, 2));
  return sum;
}

std::size_t checksum_at(std::uint8_t protocol) { return kHeader + (protocol == 6 ? 16 : protocol == 17 ? 6 : 2); }

Bytes sealed(Bytes bytes) {
  const auto protocol = std::to_integer<std::uint8_t>(bytes[9]);
  put16(bytes, 10, internet_checksum(BytesView{bytes}.first(kHeader)));
  put16(bytes, checksum_at(protocol), internet_checksum(BytesView{bytes}.subspan(kHeader), protocol == 1 ? 0 : pseudo_header(bytes)));
  return bytes;
}

Bytes icmp(std::uint8_t type, std::uint8_t code, Address from, Address to, std::uint32_t rest, BytesView more) {
  Bytes message{std::byte{type}, std::byte{code}, std::byte{0}, std::byte{0}};
  append_big_endian(message, rest);
  append(message, more);
  return sealed(packet(Protocol::kIcmp, from, to, message));
}

}  // namespace

Bytes udp_packet(Endpoint from, Endpoint to, std::size_t payload) {
  Bytes datagram;
  append_big_endian(datagram, from.port);
  append_big_endian(datagram, to.port);
  append_big_endian(datagram, static_cast<std::uint16_t>(8 + payload));
  append_big_endian(datagram, std::uint16_t{0});
  datagram.resize(8 + payload, std::byte{0x5a});
  return sealed(packet(Protocol::kUdp, from.address, to.address, datagram));
}

Bytes tcp_packet(Endpoint from, Endpoint to, std::uint8_t flags) {
  Bytes segment;
  append_big_endian(segment, from.port);
  append_big_endian(segment, to.port);
  append_big_endian(segment, std::uint64_t{0});
  append_big_endian(segment, static_cast<std::uint16_t>(0x5000 | flags));
  append_big_endian(segment, std::uint16_t{1000});
  append_big_endian(segment, std::uint32_t{0});
  return sealed(packet(Protocol::kTcp, from.address, to.address, segment));
}

Bytes echo_request(Address from, Address to, std::uint16_t identifier) { return icmp(8, 0, from, to, std::uint32_t{identifier} << 16 | 1, {}); }
Bytes echo_reply(Address from, Address to, std::uint16_t identifier) { return icmp(0, 0, from, to, std::uint32_t{identifier} << 16 | 1, {}); }

Bytes port_unreachable(Address from, BytesView about) {
  const Address to{static_cast<std::uint32_t>(read_big_endian(about, 12, 4))};
  return icmp(3, 3, from, to, 0, about.first(kHeader + 8));
}

bool checksums_right(BytesView packet) {
  const auto protocol = std::to_integer<std::uint8_t>(packet[9]);
  if (internet_checksum(packet.first(kHeader)) != 0) return false;
  if (protocol == 17 && read_big_endian(packet, kHeader + 6, 2) == 0) return true;
  return internet_checksum(packet.subspan(kHeader), protocol == 1 ? 0 : pseudo_header(packet)) == 0;
}

Address address(const char* text) {
  in_addr parsed{};
  CHECK(inet_pton(AF_INET, text, &parsed) == 1, "an address in a test");
  return Address{ntohl(parsed.s_addr)};
}

Ipv4Packet view_of(Bytes& packet) {
  auto view = Ipv4Packet::parse(packet);
  CHECK(view.has_value(), "a packet in a test");
  return *view;
}

}  // namespace p2p::netbox::testing
