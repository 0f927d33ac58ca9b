#include "lateness.hpp"

#include <gtest/gtest.h>

namespace p2p::netbox {
namespace {

TEST(Lateness, PercentilesAreRightToAnEighth) {
  Lateness lateness;
  for (std::int64_t us = 1; us <= 10'000; ++us) lateness.add(Duration{us});
  EXPECT_NEAR(static_cast<double>(lateness.percentile_us(.5)), 5000, 625);
  EXPECT_NEAR(static_cast<double>(lateness.percentile_us(.99)), 9900, 1240);
  EXPECT_EQ(lateness.max_us(), 10'000);
  EXPECT_EQ(lateness.count(), 10'000u);
}

TEST(Lateness, SmallOnesAreExact) {
  Lateness lateness;
  for (int i = 0; i < 10; ++i) lateness.add(Duration{3});
  EXPECT_EQ(lateness.percentile_us(.5), 3);
  EXPECT_EQ(Lateness{}.percentile_us(.5), 0);
}

}  // namespace
}  // namespace p2p::netbox
