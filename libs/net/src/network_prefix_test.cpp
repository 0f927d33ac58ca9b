#include "network_prefix.hpp"

#include <gtest/gtest.h>

namespace p2p::net {
namespace {

std::string prefix(const char* from, std::string_view forwarded_for = {}) {
  return network_prefix(boost::asio::ip::make_address(from), forwarded_for);
}

TEST(NetworkPrefix, NeighboringAddressesShareIt) {
  EXPECT_EQ(prefix("203.0.113.7"), prefix("203.0.113.250"));
  EXPECT_NE(prefix("203.0.113.7"), prefix("203.0.114.7"));
  EXPECT_EQ(prefix("2001:db8:5:1::1"), prefix("2001:db8:5:ffff::2"));
  EXPECT_NE(prefix("2001:db8:5:1::1"), prefix("2001:db8:6:1::1"));
  EXPECT_EQ(prefix("::ffff:203.0.113.7"), prefix("203.0.113.250")) << "one peer, whichever family the socket has";
}

TEST(NetworkPrefix, AHouseOfOnesOwnHasNone) {
  for (const char* near : {"127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.20", "169.254.3.4", "100.64.0.9", "::1", "fe80::1", "fd00::5"}) {
    EXPECT_EQ(prefix(near), "") << near;
  }
  EXPECT_NE(prefix("172.32.0.1"), "");
  EXPECT_NE(prefix("100.128.0.1"), "");
}

TEST(NetworkPrefix, BehindAProxyNearbyItIsTheViewers) {
  EXPECT_EQ(prefix("127.0.0.1", "203.0.113.7"), prefix("203.0.113.250"));
  EXPECT_EQ(prefix("::1", "198.51.100.1, 203.0.113.7 "), prefix("203.0.113.250")) << "what the proxy added, not what the viewer sent";
  EXPECT_EQ(prefix("198.51.100.1", "203.0.113.7"), prefix("198.51.100.2")) << "from afar anybody may write such a field";
  EXPECT_EQ(prefix("127.0.0.1", "nonsense"), "");
  EXPECT_EQ(prefix("127.0.0.1", "203.0.113.7,"), "");
}

}  // namespace
}  // namespace p2p::net
