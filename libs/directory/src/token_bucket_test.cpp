#include "directory/token_bucket.hpp"

#include <gtest/gtest.h>

namespace p2p::directory {
namespace {

constexpr Instant kStart{};
constexpr TokenBucket::Options kTwenty{.per_s = 20, .burst = 60};

int taken(TokenBucket& bucket, Instant now) {
  int count = 0;
  while (bucket.try_take(kTwenty, now)) ++count;
  return count;
}

TEST(TokenBucket, LetsABurstThroughAndThenTheRate) {
  TokenBucket bucket;
  EXPECT_EQ(taken(bucket, kStart), 60);
  EXPECT_EQ(taken(bucket, kStart + 49ms), 0);
  EXPECT_EQ(taken(bucket, kStart + 1s), 20);
  EXPECT_EQ(taken(bucket, kStart + 48h), 60) << "a long sleep saves up one burst only";
}

TEST(TokenBucket, TakesAllThatIsAskedForOrNothing) {
  TokenBucket bucket;
  EXPECT_FALSE(bucket.try_take(kTwenty, kStart, 61));
  EXPECT_TRUE(bucket.try_take(kTwenty, kStart, 50));
  EXPECT_FALSE(bucket.try_take(kTwenty, kStart, 11));
  EXPECT_TRUE(bucket.try_take(kTwenty, kStart, 10));
  EXPECT_FALSE(bucket.full(kStart + 2'999ms));
  EXPECT_TRUE(bucket.full(kStart + 3s)) << "and then nothing of it needs to be remembered";
}

TEST(TokenBucket, ManySmallStepsGainAsMuchAsOneLargeOne) {
  TokenBucket bucket;
  EXPECT_EQ(taken(bucket, kStart), 60);
  int count = 0;
  for (Instant now = kStart; now <= kStart + 1s; now += 7us) count += taken(bucket, now);
  EXPECT_GE(count, 19);
  EXPECT_LE(count, 20);
}

}  // namespace
}  // namespace p2p::directory
