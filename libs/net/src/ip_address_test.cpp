#include "ip_address.hpp"

#include <gtest/gtest.h>

#include <set>

namespace p2p::net {
namespace {

IpAddress at(const char* text) {
  const auto address = parse_ip_address(text);
  EXPECT_TRUE(address) << text;
  return address.value_or(IpAddress{});
}

TEST(IpAddress, IsTheSameInBothFamilies) {
  EXPECT_EQ(at("::ffff:203.0.113.7"), at("203.0.113.7"));
  EXPECT_EQ(to_text(at("::ffff:203.0.113.7")), "203.0.113.7");
  EXPECT_EQ(to_text(at("2001:DB8:0:0::1")), "2001:db8::1");
  for (const char* bad : {"", "1.2.3", "1.2.3.4:5", "[::1]", "fe80::1%eth0", "host", "1.2.3.4 "}) EXPECT_FALSE(parse_ip_address(bad)) << bad;
}

TEST(AddressBlock, IsReadAsPeopleWriteIt) {
  const auto contains = [](const char* block, const char* address) { return parse_address_block(block)->contains(at(address)); };
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.0.1"));
  EXPECT_TRUE(contains("10.1.2.3/8", "10.255.0.1")) << "what lies behind the length does not count";
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(contains("203.0.113.7", "203.0.113.7"));
  EXPECT_FALSE(contains("203.0.113.7", "203.0.113.6"));
  EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(contains("0.0.0.0/0", "203.0.113.7"));
  EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  for (const char* bad : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/8x", "10.0.0.0/-1", "example.org"}) {
    EXPECT_FALSE(parse_address_block(bad)) << bad;
  }
}

TEST(AddressBlock, HostsAndSitesHaveOneNumberEach) {
  EXPECT_EQ(to_text(host_of(at("203.0.113.7"))), "203.0.113.7/32");
  EXPECT_EQ(to_text(site_of(at("203.0.113.7"))), "203.0.113.0/24");
  EXPECT_EQ(to_text(host_of(at("2001:db8:5:1:2:3:4:5"))), "2001:db8:5:1::/64");
  EXPECT_EQ(to_text(site_of(at("2001:db8:5:1:2:3:4:5"))), "2001:db8:5::/48");
  EXPECT_EQ(to_text(region_of(at("203.0.113.7"))), "203.0.0.0/16");
  EXPECT_EQ(to_text(region_of(at("2001:db8:5:1:2:3:4:5"))), "2001:db8::/32");
  EXPECT_EQ(key_of(host_of(at("2001:db8:5:1::1"))), key_of(host_of(at("2001:db8:5:1:ffff::2"))));
  const std::set keys{key_of(host_of(at("203.0.113.7"))), key_of(host_of(at("203.0.113.8"))), key_of(host_of(at("2001:db8:5:1::1"))),
                      key_of(host_of(at("2001:db8:5:2::1")))};
  EXPECT_EQ(keys.size(), 4u);
}

TEST(IpAddress, KnowsItsOwnHouse) {
  for (const char* near : {"127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.20", "169.254.3.4", "100.64.0.9", "::1", "fe80::1", "fd00::5"}) {
    EXPECT_TRUE(is_private(at(near))) << near;
  }
  for (const char* far : {"172.32.0.1", "100.128.0.1", "203.0.113.7", "2001:db8::1"}) EXPECT_FALSE(is_private(at(far))) << far;
  EXPECT_TRUE(is_loopback(at("127.8.0.1")));
  EXPECT_FALSE(is_loopback(at("10.0.0.1")));
}

}  // namespace
}  // namespace p2p::net
