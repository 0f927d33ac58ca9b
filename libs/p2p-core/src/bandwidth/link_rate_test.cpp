#include "bandwidth/link_rate.hpp"

#include <gtest/gtest.h>

namespace p2p::mesh {
namespace {

constexpr Instant kStart{};

TEST(LinkRate, NothingIsConcludedWhileNothingQueues) {
  LinkRate rate;
  for (int i = 0; i < 100; ++i) {
    rate.sent(100'000);
    rate.waiting(0, kStart + i * 10ms);
  }
  EXPECT_FALSE(rate.bits_per_s());
}

TEST(LinkRate, ABurstThatLeavesAtOnceIsNoEvidence) {
  LinkRate rate;
  rate.sent(40'000);
  rate.waiting(10'000, kStart);          // 30 kB left with the window
  rate.waiting(0, kStart + 20ms);
  EXPECT_FALSE(rate.bits_per_s());
}

TEST(LinkRate, SmallQueuesThatDrainUnseenAreNoEvidence) {
  LinkRate rate;
  for (int i = 0; i < 50; ++i) {
    rate.sent(12'000);
    rate.waiting(12'000, kStart + i * 200ms);   // told when handed over; gone long before the next
  }
  EXPECT_FALSE(rate.bits_per_s());
}

TEST(LinkRate, IsThePaceAtWhichAQueueDrains) {
  LinkRate rate;
  rate.sent(1'000'000);
  rate.waiting(1'000'000, kStart);
  for (int i = 1; i <= 20; ++i) rate.waiting(1'000'000 - i * 25'000, kStart + i * 200ms);   // 125 kB a second
  EXPECT_EQ(rate.bits_per_s(), 1'000'000);
}

TEST(LinkRate, IsDoubtedWhenNothingHasQueuedForLong) {
  LinkRate rate;
  rate.sent(100'000);
  rate.waiting(100'000, kStart);
  rate.waiting(75'000, kStart + 200ms);
  rate.waiting(0, kStart + 300ms);
  ASSERT_EQ(rate.bits_per_s(), 1'000'000);
  rate.waiting(0, kStart + 4s);
  EXPECT_EQ(rate.bits_per_s(), 1'000'000);
  rate.waiting(0, kStart + 6s);
  EXPECT_GT(rate.bits_per_s(), 1'000'000);
}

}  // namespace
}  // namespace p2p::mesh
