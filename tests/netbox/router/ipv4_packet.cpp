#include "ipv4_packet.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.hpp"
#include "checksum.hpp"

namespace p2p::netbox {
namespace {

constexpr std::size_t kHeaderBytesMin = 20;
constexpr std::size_t kQuotedTransportBytes = 8;   // RFC 792: at least the first 64 bits
constexpr std::uint8_t kEchoReply = 0, kUnreachable = 3, kEchoRequest = 8, kTimeExceeded = 11, kParameterProblem = 12;
constexpr std::uint8_t kHostUnreachable = 1;
constexpr std::size_t kErrorBytesMax = 576;        // RFC 1812, 4.3.2.3

std::size_t transport_header_min(std::uint8_t protocol) {
  return protocol == static_cast<std::uint8_t>(Protocol::kTcp) ? 20 : 8;
}

}  // namespace

std::string to_text(Address address) {
  const std::uint32_t a = address.value;
  return fmt::format("{}.{}.{}.{}", a >> 24, a >> 16 & 0xff, a >> 8 & 0xff, a & 0xff);
}

std::optional<Ipv4Packet> Ipv4Packet::parse(std::span<std::byte> bytes, Whole whole) {
  if (bytes.size() < kHeaderBytesMin) return std::nullopt;
  const auto first = std::to_integer<unsigned>(bytes[0]);
  const std::size_t header = (first & 0xf) * 4;
  const std::size_t total = std::to_integer<std::size_t>(bytes[2]) << 8 | std::to_integer<std::size_t>(bytes[3]);
  if (first >> 4 != 4 || header < kHeaderBytesMin || total < header || bytes.size() < header) return std::nullopt;
  if (whole == Whole::kYes && total > bytes.size()) return std::nullopt;
  Ipv4Packet packet{bytes.first(std::min(total, bytes.size())), header};
  // A fragment carries no ports that we look at, so it may be as short as it likes.
  if (packet.is_fragment()) return packet;
  const std::size_t needed = whole == Whole::kYes ? transport_header_min(packet.protocol()) : kQuotedTransportBytes;
  const bool ported = packet.is(Protocol::kTcp) || packet.is(Protocol::kUdp) || packet.is(Protocol::kIcmp);
  if (ported && packet.transport_size() < needed) return std::nullopt;
  return packet;
}

std::uint16_t Ipv4Packet::read16(std::size_t at) const { return static_cast<std::uint16_t>(read_big_endian(bytes_, at, 2)); }

void Ipv4Packet::write16(std::size_t at, std::uint16_t value) {
  bytes_[at] = static_cast<std::byte>(value >> 8);
  bytes_[at + 1] = static_cast<std::byte>(value & 0xff);
}

std::optional<std::uint8_t> Ipv4Packet::icmp_type() const {
  if (!is(Protocol::kIcmp) || is_fragment()) return std::nullopt;
  return std::to_integer<std::uint8_t>(bytes_[header_]);
}

bool Ipv4Packet::tcp_flag(unsigned flag) const {
  if (!is(Protocol::kTcp) || is_fragment() || transport_size() < 20) return false;
  return (std::to_integer<unsigned>(bytes_[header_ + 13]) & flag) != 0;
}

std::optional<Endpoint> Ipv4Packet::source() const {
  if (is_fragment()) return std::nullopt;
  if (is(Protocol::kTcp) || is(Protocol::kUdp)) return Endpoint{source_address(), read16(header_)};
  const auto type = icmp_type();
  if (type == kEchoRequest) return Endpoint{source_address(), read16(header_ + 4)};
  if (type == kEchoReply) return Endpoint{source_address(), 0};
  return std::nullopt;
}

std::optional<Endpoint> Ipv4Packet::destination() const {
  if (is_fragment()) return std::nullopt;
  if (is(Protocol::kTcp) || is(Protocol::kUdp)) return Endpoint{destination_address(), read16(header_ + 2)};
  const auto type = icmp_type();
  if (type == kEchoRequest) return Endpoint{destination_address(), 0};
  if (type == kEchoReply) return Endpoint{destination_address(), read16(header_ + 4)};
  return std::nullopt;
}

void Ipv4Packet::set_source(Endpoint endpoint) {
  set_address(12, endpoint.address);
  set_port(true, endpoint.port);
}

void Ipv4Packet::set_destination(Endpoint endpoint) {
  set_address(16, endpoint.address);
  set_port(false, endpoint.port);
}

void Ipv4Packet::set_address(std::size_t at, Address address) {
  for (const std::size_t half : {std::size_t{0}, std::size_t{2}}) {
    const std::uint16_t before = read16(at + half);
    const auto after = static_cast<std::uint16_t>(half == 0 ? address.value >> 16 : address.value & 0xffff);
    write16(at + half, after);
    write16(10, adjusted_checksum(read16(10), before, after));
    // TCP and UDP sum the addresses too (their pseudo header); ICMP does not.
    if ((is(Protocol::kTcp) || is(Protocol::kUdp)) && (read16(6) & 0x1fff) == 0) adjust_transport_checksum(before, after);
  }
}

void Ipv4Packet::set_port(bool of_source, std::uint16_t port) {
  std::size_t at = header_ + (of_source ? 0 : 2);
  if (is(Protocol::kIcmp)) {
    if (icmp_type() != (of_source ? kEchoRequest : kEchoReply)) return;
    at = header_ + 4;
  }
  const std::uint16_t before = read16(at);
  write16(at, port);
  adjust_transport_checksum(before, port);
}

void Ipv4Packet::adjust_transport_checksum(std::uint16_t before, std::uint16_t after) {
  const std::size_t at = header_ + (is(Protocol::kTcp) ? 16 : is(Protocol::kUdp) ? 6 : 2);
  if (at + 2 > bytes_.size()) return;   // a quotation or first fragment that ends before it
  const std::uint16_t sum = read16(at);
  if (is(Protocol::kUdp) && sum == 0) return;   // RFC 768: zero says that there is none
  const std::uint16_t adjusted = adjusted_checksum(sum, before, after);
  write16(at, is(Protocol::kUdp) && adjusted == 0 ? 0xffff : adjusted);
}

bool Ipv4Packet::is_icmp_error() const {
  const auto type = icmp_type();
  return type == kUnreachable || type == kTimeExceeded || type == kParameterProblem;
}

std::optional<Ipv4Packet> Ipv4Packet::quoted() const {
  if (!is_icmp_error()) return std::nullopt;
  return parse(bytes_.subspan(header_ + 8), Whole::kQuoted);
}

void Ipv4Packet::seal_icmp() {
  CHECK(is(Protocol::kIcmp), "only ICMP is sealed");
  write16(header_ + 2, 0);
  write16(header_ + 2, internet_checksum(bytes_.subspan(header_)));
}

Bytes icmp_unreachable(Address router, const Ipv4Packet& packet) {
  const BytesView quote = packet.bytes().first(std::min(packet.size(), kErrorBytesMax - kHeaderBytesMin - 8));
  Bytes error;
  append_big_endian(error, std::uint16_t{0x4500});
  append_big_endian(error, static_cast<std::uint16_t>(kHeaderBytesMin + 8 + quote.size()));
  append_big_endian(error, std::uint32_t{0});
  append_big_endian(error, static_cast<std::uint16_t>(64 << 8 | static_cast<unsigned>(Protocol::kIcmp)));
  append_big_endian(error, std::uint16_t{0});
  append_big_endian(error, router.value);
  append_big_endian(error, packet.source_address().value);
  append_big_endian(error, static_cast<std::uint16_t>(kUnreachable << 8 | kHostUnreachable));
  error.resize(kHeaderBytesMin + 8);
  append(error, quote);
  const std::uint16_t sum = internet_checksum(BytesView{error}.first(kHeaderBytesMin));
  error[10] = static_cast<std::byte>(sum >> 8);
  error[11] = static_cast<std::byte>(sum & 0xff);
  auto made = Ipv4Packet::parse(error);
  CHECK(made.has_value(), "an ICMP error of our own");
  made->seal_icmp();
  return error;
}

}  // namespace p2p::netbox
