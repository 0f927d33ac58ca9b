#include "turn/address_range.hpp"

#include <gtest/gtest.h>

namespace p2p::turn {
namespace {

IpAddress ip(std::string_view text) { return parse_ip(text).value(); }

TEST(SpecialAddresses, AreAllThatLeadBehindAFirewall) {
  for (const char* text : {"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
                           "172.31.255.255", "192.168.0.1", "192.0.0.8", "192.0.2.5", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9",
                           "224.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2001::1",
                           "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "fc00::1", "fd12::1", "fe80::1", "febf::1", "fec0::1", "ff02::1"}) {
    EXPECT_TRUE(is_special(ip(text))) << text;
  }
}

TEST(SpecialAddresses, AreTheSameWhenIPv4IsSpelledAsIPv6) {
  for (const char* text : {"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a00:1", "::ffff:169.254.169.254"}) {
    EXPECT_TRUE(is_special(ip(text))) << text;
    EXPECT_TRUE(ip(text).is_v4()) << text;
  }
  EXPECT_EQ(ip("::ffff:8.8.8.8"), ip("8.8.8.8"));
  EXPECT_FALSE(is_special(ip("::ffff:8.8.8.8")));
}

TEST(SpecialAddresses, AreNotThosePublicOnesNextToThem) {
  for (const char* text : {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "172.15.255.255",
                           "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2600::1", "2a00::1",
                           "2001:4860::1", "2003::1"}) {
    EXPECT_FALSE(is_special(ip(text))) << text;
  }
}

TEST(AddressRanges, AreReadAsPeopleWriteThem) {
  const auto ranges = parse_ranges("192.168.1.0/24,fd00::/8,10.0.0.7");
  ASSERT_TRUE(ranges) << ranges.error().text;
  ASSERT_EQ(ranges->size(), 3U);
  EXPECT_TRUE((*ranges)[0].contains(ip("192.168.1.200")));
  EXPECT_TRUE((*ranges)[0].contains(ip("::ffff:192.168.1.200")));
  EXPECT_FALSE((*ranges)[0].contains(ip("192.168.2.1")));
  EXPECT_TRUE((*ranges)[1].contains(ip("fd12::1")));
  EXPECT_FALSE((*ranges)[1].contains(ip("192.168.1.1")));
  EXPECT_TRUE((*ranges)[2].contains(ip("10.0.0.7")));
  EXPECT_FALSE((*ranges)[2].contains(ip("10.0.0.8")));
  EXPECT_TRUE(parse_ranges("")->empty());
  EXPECT_TRUE(parse_ranges("0.0.0.0/0")->front().contains(ip("8.8.8.8")));
  EXPECT_FALSE(parse_ranges("0.0.0.0/0")->front().contains(ip("2600::1")));
}

TEST(AddressRanges, ThatAreNoneAreNamedInASentence) {
  for (const char* text : {"192.168.1.0/33", "fd00::/129", "10.0.0.0/", "10.0.0.0/x", "10.0.0/8", "example.org", "10.0.0.1,,", "10.0.0.0/-1", ","}) {
    const auto ranges = parse_ranges(text);
    ASSERT_FALSE(ranges) << text;
    EXPECT_NE(ranges.error().text.find("Write it as 192.168.1.0/24"), std::string::npos);
  }
}

}  // namespace
}  // namespace p2p::turn
