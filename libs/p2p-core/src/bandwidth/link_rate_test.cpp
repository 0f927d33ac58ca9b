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

TEST(LinkRate, AQueueThatIsNeverEmptyButShortIsNoEvidence) {
  LinkRate rate;
  rate.sent(4'000);
  for (int i = 0; i < 50; ++i) {
    rate.waiting(4'000, kStart + i * 50ms);   // a message waits at each look, always another one
    rate.sent(8'000);
    rate.waiting(12'000, kStart + i * 50ms);
  }
  EXPECT_FALSE(rate.bits_per_s());
}

TEST(LinkRate, GrowsWithTheAssociations) {
  LinkRate rate;
  rate.widened(1, 2);
  EXPECT_FALSE(rate.bits_per_s());
  rate.sent(1'000'000);
  for (int i = 0; i <= 10; ++i) rate.waiting(1'000'000 - i * 25'000, kStart + i * 100ms);
  ASSERT_TRUE(rate.bits_per_s());
  const std::int64_t before = *rate.bits_per_s();
  rate.widened(2, 4);
  EXPECT_EQ(*rate.bits_per_s(), 2 * before);
  rate.widened(4, 1);
  EXPECT_EQ(*rate.bits_per_s(), before / 2);
}

TEST(LinkRate, IsThePaceAtWhichAQueueDrains) {
  LinkRate rate;
  rate.sent(1'000'000);
  rate.waiting(1'000'000, kStart);
  for (int i = 1; i <= 20; ++i) rate.waiting(1'000'000 - i * 25'000, kStart + i * 200ms);   // 125 kB a second
  EXPECT_EQ(rate.bits_per_s(), 1'000'000);
}

TEST(LinkRate, AMomentInWhichNothingLeavesIsNoEvidence) {
  LinkRate rate;
  rate.sent(100'000);
  for (int i = 0; i < 4; ++i) rate.waiting(100'000, kStart + i * 200ms);   // a machine that was busy with something else
  rate.waiting(0, kStart + 800ms);
  EXPECT_FALSE(rate.bits_per_s());
}

TEST(LinkRate, WhatItCarriedAfterAStandstillIsBelieved) {
  LinkRate rate;
  rate.sent(100'000);
  for (int i = 0; i < 8; ++i) rate.waiting(100'000, kStart + i * 200ms);   // a machine that stood still for long
  ASSERT_TRUE(rate.bits_per_s());
  ASSERT_LT(*rate.bits_per_s(), 10'000);
  Instant now = kStart + 2s;
  for (int i = 0; i < 15; ++i, now += 200ms) {
    rate.sent(25'000);   // 1 Mbit/s, gone each time before the next look
    rate.waiting(0, now);
  }
  EXPECT_GE(*rate.bits_per_s(), 900'000);
}

TEST(LinkRate, WhatADriverTellsBeforeItWasHandedAllIsNoPace) {
  LinkRate rate;
  Instant now = kStart;
  for (int i = 0; i < 20; ++i, now += 300ms) {
    rate.sent(36'000);
    rate.waiting(12'000, now);   // a third of it was handed over
    rate.waiting(36'000, now);
    rate.waiting(6'000, now + 200ms);
  }
  EXPECT_FALSE(rate.bits_per_s());
}

TEST(LinkRate, IsDoubtedWhenNothingHasQueuedForLong) {
  LinkRate rate;
  rate.sent(300'000);
  rate.waiting(300'000, kStart);
  rate.waiting(225'000, kStart + 600ms);
  rate.waiting(150'000, kStart + 1200ms);
  rate.waiting(0, kStart + 1300ms);
  ASSERT_EQ(rate.bits_per_s(), 1'000'000);
  rate.waiting(0, kStart + 5s);
  EXPECT_EQ(rate.bits_per_s(), 1'000'000);
  rate.waiting(0, kStart + 7s);
  EXPECT_GT(rate.bits_per_s(), 1'000'000);
}

}  // namespace
}  // namespace p2p::mesh
