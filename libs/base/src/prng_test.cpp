#include "base/prng.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace p2p {
namespace {

TEST(Prng, TheSameSeedGivesTheSameNumbersEverywhere) {
  // Pinned from the first build; the WebAssembly test of the engine's digest leans on the same numbers.
  Prng prng{1};
  EXPECT_EQ(prng.next(), 12966619160104079557u);
  EXPECT_EQ(prng.next(), 9600361134598540522u);
}

TEST(Prng, ForksWithDifferentLabelsDiffer) {
  Prng a{7}, b{7};
  EXPECT_NE(a.fork(1).next(), b.fork(2).next());
}

TEST(Prng, BelowCoversItsRangeAndNoMore) {
  Prng prng{3};
  std::vector<int> seen(10);
  for (int i = 0; i < 10'000; ++i) ++seen.at(prng.below(10));
  EXPECT_GT(*std::min_element(seen.begin(), seen.end()), 850);
}

TEST(Prng, BetweenIncludesBothEnds) {
  Prng prng{5};
  bool low = false, high = false;
  for (int i = 0; i < 1000; ++i) {
    const auto x = prng.between(-2, 2);
    ASSERT_GE(x, -2);
    ASSERT_LE(x, 2);
    low |= x == -2;
    high |= x == 2;
  }
  EXPECT_TRUE(low && high);
}

TEST(Prng, ShuffleKeepsEveryElement) {
  Prng prng{9};
  std::vector<int> items{1, 2, 3, 4, 5, 6, 7, 8};
  const auto before = items;
  prng.shuffle(items);
  EXPECT_NE(items, before);
  std::sort(items.begin(), items.end());
  EXPECT_EQ(items, before);
}

}  // namespace
}  // namespace p2p
