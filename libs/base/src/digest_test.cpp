#include "base/digest.hpp"

#include <gtest/gtest.h>

#include <set>

namespace p2p {
namespace {

std::uint64_t digest_of(BytesView bytes) {
  RunningDigest digest;
  digest.mix(bytes);
  return digest.value();
}

TEST(RunningDigest, IsTheSameForTheSame) {
  RunningDigest a, b;
  for (RunningDigest* digest : {&a, &b}) {
    digest->mix(std::uint64_t{7});
    digest->mix(as_bytes("a message of some length"));
  }
  EXPECT_EQ(a.value(), b.value());
}

TEST(RunningDigest, EveryByteCountsAndSoDoesTheSize) {
  std::set<std::uint64_t> seen;
  for (std::size_t size = 0; size <= 40; ++size) {
    Bytes bytes(size);
    EXPECT_TRUE(seen.insert(digest_of(bytes)).second) << size << " zeros";
    for (std::size_t i = 0; i < size; ++i) {
      for (const unsigned bit : {0u, 3u, 7u}) {
        bytes[i] = static_cast<std::byte>(1u << bit);
        EXPECT_TRUE(seen.insert(digest_of(bytes)).second) << "bit " << bit << " of byte " << i << " of " << size;
        bytes[i] = {};
      }
    }
  }
}

TEST(RunningDigest, TheOrderCounts) {
  RunningDigest ab, ba;
  ab.mix(std::uint64_t{1}), ab.mix(std::uint64_t{2});
  ba.mix(std::uint64_t{2}), ba.mix(std::uint64_t{1});
  EXPECT_NE(ab.value(), ba.value());
}

}  // namespace
}  // namespace p2p
