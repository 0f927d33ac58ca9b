#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace p2p::turn {

/// An IPv4 or IPv6 address in one spelling: IPv4 is kept as IPv4-mapped IPv6 (RFC 4291, 2.5.5.2). So the same machine cannot come under
/// two names, and a rule about an IPv4 range holds for both.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  [[nodiscard]] static IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d);
  [[nodiscard]] bool is_v4() const;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

struct Endpoint {
  IpAddress ip;
  std::uint16_t port = 0;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

/// "192.0.2.1" or "2001:db8::1", without brackets.
[[nodiscard]] std::optional<IpAddress> parse_ip(std::string_view text);
[[nodiscard]] std::string to_text(const IpAddress& ip);

/// "192.0.2.1:3478" or "[2001:db8::1]:3478".
[[nodiscard]] std::string to_text(const Endpoint& endpoint);

}  // namespace p2p::turn

template <>
struct std::hash<p2p::turn::IpAddress> {
  std::size_t operator()(const p2p::turn::IpAddress& ip) const noexcept {
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(ip.bytes.data()), ip.bytes.size()});
  }
};
