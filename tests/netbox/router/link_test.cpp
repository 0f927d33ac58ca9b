#include "link.hpp"

#include <gtest/gtest.h>

namespace p2p::netbox {
namespace {

using Fate = Link::Fate;

Link link_with(LinkOptions options, std::uint64_t seed = 1) { return Link{options, Prng{seed}}; }
Instant at(Duration time) { return Instant{} + time; }

TEST(Link, WithoutARateOnlyTheDelayCounts) {
  Link link = link_with({.delay = 40ms});
  const auto passage = link.enter(1200, at(5ms));
  EXPECT_EQ(passage.fate, Fate::kCarried);
  EXPECT_EQ(passage.leaves, at(45ms));
}

TEST(Link, PacketsLeaveAtItsRate) {
  Link link = link_with({.bits_per_s = 1'000'000, .queue_bytes = 1'000'000, .delay = 10ms});
  // 1,250 bytes are 10 ms at 1 Mbit/s.
  EXPECT_EQ(link.enter(1250, at(0ms)).leaves, at(20ms));
  EXPECT_EQ(link.enter(1250, at(0ms)).leaves, at(30ms));
  EXPECT_EQ(link.enter(1250, at(15ms)).leaves, at(40ms));
  EXPECT_EQ(link.enter(1250, at(100ms)).leaves, at(120ms));
}

TEST(Link, RoundingNeverAddsUp) {
  Link link = link_with({.bits_per_s = 300'000'000, .queue_bytes = 10'000'000});
  Instant last{};
  // 1,000 packets of 100 bytes: 2.667 us each.
  for (int i = 0; i < 1000; ++i) last = link.enter(100, at(0ms)).leaves;
  EXPECT_NEAR(static_cast<double>((last - Instant{}).count()), 2666.7, 2);
}

TEST(Link, AFullQueueDropsWhatComesLast) {
  Link link = link_with({.bits_per_s = 1'000'000, .queue_bytes = 3000});
  int carried = 0;
  for (int i = 0; i < 10; ++i) carried += link.enter(1000, at(0ms)).fate == Fate::kCarried;
  EXPECT_EQ(carried, 3);
  EXPECT_EQ(link.enter(1000, at(9ms)).fate, Fate::kCarried) << "room again once the first is out";
}

TEST(Link, AQueueMayBeGivenAsTime) {
  Link link = link_with({.bits_per_s = 1'000'000, .queue_time = 100ms});
  int carried = 0;
  for (int i = 0; i < 100; ++i) carried += link.enter(1250, at(0ms)).fate == Fate::kCarried;
  EXPECT_EQ(carried, 10);
}

TEST(Link, JitterKeepsTheOrder) {
  Link link = link_with({.delay = 20ms, .jitter = 30ms});
  Instant last{};
  Duration most{};
  for (int i = 0; i < 1000; ++i) {
    const Instant now = at(Duration{i * 1000});
    const Instant leaves = link.enter(100, now).leaves;
    EXPECT_GE(leaves, last);
    EXPECT_GE(leaves - now, Duration{20ms});
    most = std::max(most, leaves - now);
    last = leaves;
  }
  EXPECT_LE(most, Duration{50ms});
  EXPECT_GT(most, Duration{45ms});
}

TEST(Link, ReordersWhenAsked) {
  Link link = link_with({.delay = 20ms, .reorder = kCertain / 10, .reorder_by = 5ms});
  int overtaken = 0;
  Instant last{};
  for (int i = 0; i < 1000; ++i) {
    const Instant leaves = link.enter(100, at(Duration{i * 1000})).leaves;
    overtaken += leaves < last;
    last = leaves;
  }
  EXPECT_NEAR(overtaken, 90, 30);
}

TEST(Link, LosesAndDoublesAsOftenAsAsked) {
  Link link = link_with({.loss = {.independent = kCertain / 100}, .duplicate = kCertain / 50});
  int lost = 0, doubled = 0;
  for (int i = 0; i < 100'000; ++i) {
    const auto passage = link.enter(100, at(Duration{i}));
    lost += passage.fate == Fate::kLost;
    doubled += passage.copy_leaves.has_value();
  }
  EXPECT_NEAR(lost, 1000, 120);
  EXPECT_NEAR(doubled, 1980, 180);
}

TEST(Link, BurstsAreAsLongAndAsRareAsAsked) {
  // One packet in a thousand begins a burst of ten on average.
  Link link = link_with({.loss = {.bursts = {.enter = kCertain / 1000, .leave = kCertain / 10}}});
  int lost = 0, bursts = 0;
  bool before = false;
  for (int i = 0; i < 1'000'000; ++i) {
    const bool now = link.enter(100, at(Duration{i})).fate == Fate::kLost;
    lost += now;
    bursts += now && !before;
    before = now;
  }
  EXPECT_NEAR(static_cast<double>(lost) / bursts, 10, 1);
  EXPECT_NEAR(bursts, 1000, 150);
}

TEST(Link, WhatIsInItWhenItDiesIsLost) {
  Link link = link_with({.delay = 50ms});
  const auto passage = link.enter(100, at(0ms));
  link.set_alive(false, at(20ms));
  EXPECT_TRUE(link.died_between(at(0ms), passage.leaves));
  EXPECT_EQ(link.enter(100, at(30ms)).fate, Fate::kDead);
  link.set_alive(true, at(100ms));
  const auto later = link.enter(100, at(110ms));
  EXPECT_EQ(later.fate, Fate::kCarried);
  EXPECT_FALSE(link.died_between(at(110ms), later.leaves));
}

TEST(Link, TheSameSeedGivesTheSameFates) {
  const LinkOptions options{.jitter = 10ms, .loss = {.independent = kCertain / 10}, .duplicate = kCertain / 10};
  Link one = link_with(options, 5), other = link_with(options, 5);
  for (int i = 0; i < 200; ++i) {
    const auto a = one.enter(100, at(Duration{i})), b = other.enter(100, at(Duration{i}));
    EXPECT_EQ(a.fate, b.fate);
    EXPECT_EQ(a.leaves, b.leaves);
  }
}

}  // namespace
}  // namespace p2p::netbox
