#include "trusted_proxies.hpp"

#include <algorithm>
#include <optional>

namespace p2p::net {
namespace {

/// An item of X-Forwarded-For: an address, from some proxies with a port or in brackets.
std::optional<IpAddress> parse_hop(std::string_view hop) {
  while (hop.starts_with(' ') || hop.starts_with('\t')) hop.remove_prefix(1);
  while (hop.ends_with(' ') || hop.ends_with('\t')) hop.remove_suffix(1);
  if (hop.starts_with('[')) return parse_ip_address(hop.substr(1, hop.find(']') - 1));
  if (std::ranges::count(hop, ':') == 1) hop = hop.substr(0, hop.find(':'));
  return parse_ip_address(hop);
}

}  // namespace

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& blocks) {
  TrustedProxies proxies;
  for (const std::string& text : blocks) {
    const std::optional<AddressBlock> block = parse_address_block(text);
    if (!block) return fail("\"" + text + "\" is no address of a proxy. Give addresses or blocks with commas between, such as 127.0.0.1,10.0.0.0/8.");
    proxies.blocks_.push_back(*block);
  }
  return proxies;
}

bool TrustedProxies::contains(const IpAddress& address) const {
  return std::ranges::any_of(blocks_, [&](const AddressBlock& block) { return block.contains(address); });
}

IpAddress TrustedProxies::client_of(const IpAddress& from, const HttpRequest& request) const {
  IpAddress client = from;
  if (!contains(client)) return client;
  // A proxy may add a field of its own behind the client's instead of lengthening it: they are one list (RFC 9110 section 5.3).
  for (auto field = request.fields.rbegin(); field != request.fields.rend(); ++field) {
    if (!equal_ignoring_case(field->first, "X-Forwarded-For")) continue;
    std::string_view rest = field->second;
    for (bool more = true; more;) {
      const std::size_t comma = rest.rfind(',');
      more = comma != std::string_view::npos;
      const std::optional<IpAddress> hop = parse_hop(more ? rest.substr(comma + 1) : rest);
      if (!hop) return client;
      client = *hop;
      if (!contains(client)) return client;
      if (more) rest = rest.substr(0, comma);
    }
  }
  return client;
}

}  // namespace p2p::net
