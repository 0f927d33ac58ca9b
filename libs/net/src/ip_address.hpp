#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace p2p::net {

/// Where somebody is: an IPv6 address, or an IPv4 one in its IPv6 form (::ffff:a.b.c.d, RFC 4291 section 2.5.5.2), so that a client is
/// the same one whichever family the socket has.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};  ///< network byte order

  [[nodiscard]] bool is_v4() const;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

/// Without port, brackets or zone.
[[nodiscard]] std::optional<IpAddress> parse_ip_address(std::string_view text);
[[nodiscard]] std::string to_text(const IpAddress& address);

/// This machine itself.
[[nodiscard]] bool is_loopback(const IpAddress& address);
/// Of this machine or of a network without addresses of its own on the internet (RFC 1918, 3927, 4193, 4291, 6598).
[[nodiscard]] bool is_private(const IpAddress& address);

/// Addresses that begin with the same bits.
struct AddressBlock {
  IpAddress first;
  unsigned bits = 128;  ///< of the IPv6 form: 120 for an IPv4 /24

  [[nodiscard]] bool contains(const IpAddress& address) const;
};

/// `10.0.0.0/8`, `2001:db8::/32`, or one address.
[[nodiscard]] std::optional<AddressBlock> parse_address_block(std::string_view text);
/// As it is written: the address without what lies behind `bits`, and the length.
[[nodiscard]] std::string to_text(const AddressBlock& block);

/// Whoever rents one address, or sits behind one router, has all of these: an IPv4 address, an IPv6 /64.
[[nodiscard]] AddressBlock host_of(const IpAddress& address);
/// Whoever rents many usually gets them side by side: an IPv4 /24, an IPv6 /48 (RFC 6177: a site's).
[[nodiscard]] AddressBlock site_of(const IpAddress& address);

/// Who is in one has probably the same provider, and often the same country: an IPv4 /16, an IPv6 /32 (what registries give to a provider, RFC 6177
/// and RIPE-738).
[[nodiscard]] AddressBlock region_of(const IpAddress& address);

/// The first 64 bits of an IPv6 block, all of an IPv4 one: other for each host or site.
[[nodiscard]] std::uint64_t key_of(const AddressBlock& block);

}  // namespace p2p::net
