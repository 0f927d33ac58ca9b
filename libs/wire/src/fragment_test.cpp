#include "wire/fragment.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"

namespace p2p::wire {
namespace {

Bytes message(const Fragment& fragment, std::size_t body) {
  Bytes bytes = encode(fragment);
  bytes.resize(bytes.size() + body);
  return bytes;
}

TEST(Fragment, HasAFixedLayout) {
  EXPECT_EQ(to_hex(encode(Fragment{.rendition = 1, .requested = true, .size = 0x1234, .piece = 0x89abcdef, .offset = 0x0f00, .age_ms = 300})),
            "01013412efcdab89000f2c01");
}

TEST(Fragment, SurvivesTheRoundTrip) {
  const auto fragment = decode_fragment(message({.rendition = 2, .size = 9000, .piece = 77, .offset = 4084, .age_ms = 12}, 100));
  ASSERT_TRUE(fragment);
  EXPECT_EQ(fragment->piece, 77u);
  EXPECT_EQ(fragment->offset, 4084);
  EXPECT_FALSE(fragment->requested);
}

TEST(Fragment, BytesBeyondThePieceAreRefused) {
  EXPECT_TRUE(decode_fragment(message({.size = 100, .offset = 90}, 10)));
  EXPECT_FALSE(decode_fragment(message({.size = 100, .offset = 90}, 11)));
  EXPECT_FALSE(decode_fragment(message({.size = 100, .offset = 100}, 1)));
  EXPECT_FALSE(decode_fragment(message({.size = 100}, 0)));
  EXPECT_FALSE(decode_fragment(message({.size = kPieceBytesMax + 1}, 10)));
  EXPECT_FALSE(decode_fragment(Bytes(5)));
}

TEST(Fragment, ItsBytesMayLieElsewhere) {
  const Bytes header = encode(Fragment{.size = 100, .offset = 90});
  EXPECT_TRUE(decode_fragment(header, 10));
  EXPECT_FALSE(decode_fragment(header, 11));
  EXPECT_FALSE(decode_fragment(header, 0));
  EXPECT_FALSE(decode_fragment(BytesView{header}.first(11), 10));
}

}  // namespace
}  // namespace p2p::wire
