#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "trusted_proxies.hpp"

/// X-Forwarded-For as anybody may write it, and blocks as an operator may.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2p::net;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  static const TrustedProxies proxies = *TrustedProxies::parse({"127.0.0.1", "10.0.0.0/8", "2001:db8::/32"});
  const HttpRequest request{.fields = {{"X-Forwarded-For", std::string{text}}, {"X-Forwarded-For", std::string{text.substr(size / 2)}}}};
  const IpAddress client = proxies.client_of(*parse_ip_address("127.0.0.1"), request);
  CHECK(parse_ip_address(to_text(client)) == client, "an address that does not survive its text");
  if (const auto block = parse_address_block(text)) {
    CHECK(block->contains(block->first), "a block without its first address");
    CHECK(parse_address_block(to_text(*block))->first == block->first, "a block that does not survive its text");
  }
  return 0;
}
