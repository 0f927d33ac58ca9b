#include "base/hex.hpp"

#include <gtest/gtest.h>

namespace p2p {
namespace {

TEST(Hex, APeerIdHasOneSpelling) {
  EXPECT_EQ(to_text(PeerId{0x00000000000000ab}), "00000000000000ab");
  EXPECT_EQ(parse_peer_id("00000000000000ab"), PeerId{0xab});
  EXPECT_FALSE(parse_peer_id("00000000000000AB"));
  EXPECT_FALSE(parse_peer_id("ab"));
  EXPECT_FALSE(parse_peer_id("00000000000000g0"));
}

TEST(Hex, BytesSurviveTheRoundTrip) {
  const Bytes bytes{std::byte{0}, std::byte{0x7f}, std::byte{0xff}};
  EXPECT_EQ(to_hex(bytes), "007fff");
  EXPECT_EQ(from_hex("007FfF"), bytes);
  EXPECT_FALSE(from_hex("0"));
}

}  // namespace
}  // namespace p2p
