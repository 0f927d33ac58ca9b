#include "turn/address_range.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace p2p::turn {
namespace {

constexpr unsigned kV4Offset = 96;

// With the document that sets each range apart.
constexpr std::array<std::string_view, 29> kSpecial{
    "0.0.0.0/8",        // this network (RFC 1122)
    "10.0.0.0/8",       // private (RFC 1918)
    "100.64.0.0/10",    // carrier-grade NAT (RFC 6598)
    "127.0.0.0/8",      // loopback (RFC 1122)
    "169.254.0.0/16",   // link-local, and where clouds keep their metadata services (RFC 3927)
    "172.16.0.0/12",    // private (RFC 1918)
    "192.0.0.0/24",     // protocol assignments (RFC 6890)
    "192.0.2.0/24",     // documentation (RFC 5737)
    "192.88.99.0/24",   // 6to4 relay anycast (RFC 7526)
    "192.168.0.0/16",   // private (RFC 1918)
    "198.18.0.0/15",    // benchmarking (RFC 2544)
    "198.51.100.0/24",  // documentation (RFC 5737)
    "203.0.113.0/24",   // documentation (RFC 5737)
    "224.0.0.0/4",      // multicast (RFC 5771)
    "240.0.0.0/4",      // reserved, and limited broadcast (RFC 1112, RFC 919)
    "::/96",            // unspecified, loopback, IPv4-compatible (RFC 4291)
    "64:ff9b::/96",     // IPv4 behind NAT64 (RFC 6052)
    "64:ff9b:1::/48",   // likewise, local use (RFC 8215)
    "100::/64",         // discard only (RFC 6666)
    "2001::/23",        // protocol assignments, Teredo among them (RFC 2928, RFC 4380)
    "2001:db8::/32",    // documentation (RFC 3849)
    "2002::/16",        // IPv4 behind 6to4 (RFC 3056)
    "3fff::/20",        // documentation (RFC 9637)
    "5f00::/16",        // segment routing (RFC 9602)
    "fc00::/8",         // unique local, centrally assigned (RFC 4193)
    "fd00::/8",         // unique local (RFC 4193)
    "fe80::/10",        // link-local (RFC 4291)
    "fec0::/10",        // site-local (RFC 3879)
    "ff00::/8",         // multicast (RFC 4291)
};

std::optional<AddressRange> parse_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto ip = parse_ip(text.substr(0, slash));
  if (!ip) return std::nullopt;
  AddressRange range{.base = *ip};
  if (slash == std::string_view::npos) return range;
  const unsigned offset = ip->is_v4() && text.find(':') == std::string_view::npos ? kV4Offset : 0;
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc{} || end != digits.data() + digits.size() || bits > 128 - offset) return std::nullopt;
  range.bits = offset + bits;
  return range;
}

const std::vector<AddressRange>& special_ranges() {
  static const std::vector<AddressRange> ranges = [] {
    std::vector<AddressRange> all;
    for (const std::string_view text : kSpecial) all.push_back(parse_range(text).value());
    return all;
  }();
  return ranges;
}

}  // namespace

bool AddressRange::contains(const IpAddress& ip) const {
  const std::size_t whole = bits / 8;
  if (!std::equal(base.bytes.begin(), base.bytes.begin() + whole, ip.bytes.begin())) return false;
  if (bits % 8 == 0) return true;
  const unsigned shift = 8 - bits % 8;
  return base.bytes[whole] >> shift == ip.bytes[whole] >> shift;
}

Result<std::vector<AddressRange>> parse_ranges(std::string_view text) {
  std::vector<AddressRange> ranges;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const auto range = parse_range(item);
    if (!range) return fail("\"" + std::string{item} + "\" is no range of addresses. Write it as 192.168.1.0/24 or fd00::/8, with commas between several.");
    ranges.push_back(*range);
  }
  return ranges;
}

bool is_special(const IpAddress& ip) {
  return std::ranges::any_of(special_ranges(), [&](const AddressRange& range) { return range.contains(ip); });
}

}  // namespace p2p::turn
