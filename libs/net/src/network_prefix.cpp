#include "network_prefix.hpp"

#include <optional>

namespace p2p::net {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

constexpr std::size_t kPrefixBytesV4 = 3;
constexpr std::size_t kPrefixBytesV6 = 6;

bool in(address_v4 from, std::uint32_t network, unsigned bits) { return from.to_uint() >> (32 - bits) == network >> (32 - bits); }

/// Of this machine or one in the same house (RFC 1918, 3927, 6598).
bool is_near(address_v4 from) {
  return in(from, 0x7f000000, 8) || in(from, 0x0a000000, 8) || in(from, 0xac100000, 12) || in(from, 0xc0a80000, 16) || in(from, 0xa9fe0000, 16) ||
         in(from, 0x64400000, 10) || from.is_unspecified();
}

/// RFC 4193, 4291.
bool is_near(const address_v6& from) {
  return from.is_loopback() || from.is_unspecified() || from.is_link_local() || (from.to_bytes()[0] & 0xfe) == 0xfc;
}

std::string prefix_of(const address& from) {
  if (from.is_v6() && from.to_v6().is_v4_mapped()) return prefix_of(boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, from.to_v6()));
  if (from.is_v4()) {
    const auto bytes = from.to_v4().to_bytes();
    return is_near(from.to_v4()) ? std::string{} : std::string{bytes.begin(), bytes.begin() + kPrefixBytesV4};
  }
  const auto bytes = from.to_v6().to_bytes();
  return is_near(from.to_v6()) ? std::string{} : std::string{bytes.begin(), bytes.begin() + kPrefixBytesV6};
}

std::optional<address> last_address(std::string_view list) {
  list.remove_prefix(list.rfind(',') == std::string_view::npos ? 0 : list.rfind(',') + 1);
  while (list.starts_with(' ')) list.remove_prefix(1);
  while (list.ends_with(' ')) list.remove_suffix(1);
  boost::system::error_code error;
  const address found = boost::asio::ip::make_address(std::string{list}, error);
  if (error) return std::nullopt;
  return found;
}

}  // namespace

std::string network_prefix(const address& from, std::string_view forwarded_for) {
  std::string prefix = prefix_of(from);
  if (!prefix.empty()) return prefix;
  const auto behind_proxy = last_address(forwarded_for);
  return behind_proxy ? prefix_of(*behind_proxy) : std::string{};
}

}  // namespace p2p::net
