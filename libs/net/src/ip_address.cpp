#include "ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <span>

namespace p2p::net {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kMappedBits = 96;

AddressBlock block(std::string_view text) { return parse_address_block(text).value_or(AddressBlock{}); }

AddressBlock cut(const IpAddress& address, unsigned bits) {
  AddressBlock cut{.first = address, .bits = bits};
  for (unsigned bit = bits; bit < 128; ++bit) cut.first.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
  return cut;
}

}  // namespace

bool IpAddress::is_v4() const { return std::equal(kMapped.begin(), kMapped.end(), bytes.begin()); }

std::optional<IpAddress> parse_ip_address(std::string_view text) {
  constexpr std::size_t kLongest = 45;
  if (text.empty() || text.size() > kLongest) return std::nullopt;
  const std::string copy{text};
  IpAddress address;
  if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) return address;
  std::ranges::copy(kMapped, address.bytes.begin());
  if (inet_pton(AF_INET, copy.c_str(), address.bytes.data() + kMapped.size()) == 1) return address;
  return std::nullopt;
}

std::string to_text(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool v4 = address.is_v4();
  inet_ntop(v4 ? AF_INET : AF_INET6, address.bytes.data() + (v4 ? kMapped.size() : 0), text.data(), text.size());
  return text.data();
}

bool is_loopback(const IpAddress& address) {
  static constexpr IpAddress kLoopbackV6{.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  return address.is_v4() ? address.bytes[kMapped.size()] == 127 : address == kLoopbackV6;
}

bool is_private(const IpAddress& address) {
  static const std::array kPrivate{block("0.0.0.0"),        block("10.0.0.0/8"), block("100.64.0.0/10"), block("169.254.0.0/16"), block("172.16.0.0/12"),
                                   block("192.168.0.0/16"), block("::"),         block("fc00::/7"),      block("fe80::/10")};
  return is_loopback(address) || std::ranges::any_of(kPrivate, [&](const AddressBlock& house) { return house.contains(address); });
}

bool AddressBlock::contains(const IpAddress& address) const { return cut(address, bits).first == first; }

std::optional<AddressBlock> parse_address_block(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<IpAddress> address = parse_ip_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const bool v4 = address->is_v4() && text.substr(0, slash).find(':') == std::string_view::npos;
  unsigned bits = v4 ? 32 : 128;
  if (slash != std::string_view::npos) {
    const std::string_view length = text.substr(slash + 1);
    unsigned given = 0;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), given);
    if (error != std::errc{} || end != length.data() + length.size() || given > bits) return std::nullopt;
    bits = given;
  }
  return cut(*address, v4 ? kMappedBits + bits : bits);
}

std::string to_text(const AddressBlock& block) {
  const bool v4 = block.first.is_v4() && block.bits >= kMappedBits;
  return to_text(block.first) + "/" + std::to_string(v4 ? block.bits - kMappedBits : block.bits);
}

AddressBlock host_of(const IpAddress& address) { return cut(address, address.is_v4() ? 128 : 64); }
AddressBlock site_of(const IpAddress& address) { return cut(address, address.is_v4() ? kMappedBits + 24 : 48); }
AddressBlock region_of(const IpAddress& address) { return cut(address, address.is_v4() ? kMappedBits + 16 : 32); }

std::uint64_t key_of(const AddressBlock& block) {
  const std::size_t from = block.first.is_v4() ? 8 : 0;  // behind the zeros: ffff and the address, which is no IPv6 prefix that is given out
  std::uint64_t key = 0;
  for (const std::uint8_t byte : std::span{block.first.bytes}.subspan(from, 8)) key = key << 8 | byte;
  return key;
}

}  // namespace p2p::net
