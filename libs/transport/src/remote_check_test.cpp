#include <gtest/gtest.h>

#include <array>
#include <cstdint>

#include <juice_internals.h>

namespace p2p::transport {
namespace {

/// A check as Chromium sends it from a relayed candidate, up to the attribute.
juice_check check_with(std::uint8_t last_byte_of_tie_breaker) {
  std::array<std::uint8_t, 32> datagram{0x00, 0x01, 0x00, 0x0c, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x80, 0x2a, 0x00, 0x08};
  datagram.back() = last_byte_of_tie_breaker;
  juice_check check{};
  EXPECT_TRUE(juice_read_check(datagram.data(), datagram.size(), &check));
  return check;
}

// third_party/libdatachannel/patches/0009: the attribute is there, whatever its value.
TEST(RemoteCheck, WithATieBreakerOfZeroHasOne) {
  EXPECT_EQ(check_with(7).ice_controlling, 7U);
  EXPECT_NE(check_with(0).ice_controlling, 0U);
  EXPECT_EQ(check_with(0).ice_controlled, 0U);
}

}  // namespace
}  // namespace p2p::transport
