#include "mesh/children.hpp"

#include <gtest/gtest.h>

namespace p2p::mesh {
namespace {

constexpr PeerId kA{1}, kB{2}, kC{3};
constexpr Instant kStart{};
constexpr Instant kLater = kStart + kTenureMin;
constexpr Children::Capacity kRoomy{.slots = 100, .grace_until = 50};
constexpr Children::Capacity kOneCopy{.slots = 100, .copies_max = 1, .grace_until = 50};

std::int64_t all_alike(PeerId) { return 100; }
std::int64_t b_is_strong(PeerId peer) { return peer == kB ? 1000 : 100; }

TEST(Children, SlotsAreNeverOversold) {
  Children children;
  const Children::Capacity two{.slots = 2};
  EXPECT_TRUE(children.ask({kA}, 0, 0, two, all_alike, kStart).admitted);
  EXPECT_TRUE(children.ask({kA}, 1, 0, two, all_alike, kStart).admitted);
  EXPECT_FALSE(children.ask({kB}, 2, 0, two, all_alike, kStart).admitted);
  EXPECT_TRUE(children.ask({kB}, kManifestTree, 0, two, all_alike, kStart).admitted) << "manifests cost next to nothing";
  EXPECT_EQ(children.slots_used(), 2u);
}

TEST(Children, ASecondCopyIsSoftAndOnlyForWhoAskedLongInVain) {
  Children children;
  EXPECT_TRUE(children.ask({kA}, 0, 0, kOneCopy, all_alike, kStart).admitted);
  EXPECT_FALSE(children.ask({kB}, 0, 0, kOneCopy, all_alike, kStart).admitted);
  EXPECT_FALSE(children.ask({kB}, 0, 0, kOneCopy, all_alike, kStart + kSoftAfter / 2).admitted);
  const auto late = children.ask({kB}, 0, 0, kOneCopy, all_alike, kStart + kSoftAfter);
  EXPECT_TRUE(late.admitted && late.soft);
}

TEST(Children, WhoHasAParentGetsNoSecondCopyHoweverLongItAsks) {
  Children children;
  EXPECT_TRUE(children.ask({kA}, 0, 0, kOneCopy, all_alike, kStart).admitted);
  for (Instant now = kStart; now < kStart + 5 * kSoftAfter; now += kSoftAfter / 2) {
    EXPECT_FALSE(children.ask({.peer = kB, .fed = true}, 0, 0, kOneCopy, all_alike, now).admitted);
  }
}

TEST(Children, WhoHasNobodyElseIsFedOverAFullLinkToo) {
  Children children;
  EXPECT_FALSE(children.ask({.peer = kA, .link_full = true}, 0, 0, kRoomy, all_alike, kStart).admitted);
  EXPECT_FALSE(children.ask({.peer = kA, .fed = true, .link_full = true}, 0, 0, kRoomy, all_alike, kStart + kSoftAfter).admitted);
  const auto late = children.ask({.peer = kA, .link_full = true}, 0, 0, kRoomy, all_alike, kStart + kSoftAfter);
  EXPECT_TRUE(late.admitted && late.soft);
}

TEST(Children, TheOnlyChildOfAStripeCarriesItAlone) {
  Children children;
  (void)children.ask({kA}, 0, 0, kRoomy, all_alike, kStart);
  (void)children.ask({kB}, 1, 0, kRoomy, all_alike, kStart);
  (void)children.ask({kA}, 1, 0, kRoomy, all_alike, kStart);
  EXPECT_TRUE(children.carries_alone(kA));
  EXPECT_FALSE(children.carries_alone(kB));
}

TEST(Children, TheStrongTakesThePlaceOfTheWeakWhichIsServedForTheGrace) {
  Children children;
  const Children::Capacity one{.slots = 1, .grace_until = 50};
  (void)children.ask({kA}, 3, 0, one, b_is_strong, kStart);
  EXPECT_FALSE(children.ask({kB}, 5, 0, one, b_is_strong, kLater - 1us).admitted) << "it has had no time to show what it passes on";
  const auto taken = children.ask({kB}, 5, 0, one, b_is_strong, kLater);
  ASSERT_TRUE(taken.admitted && taken.evicted);
  EXPECT_EQ(taken.evicted->peer, kA);
  EXPECT_EQ(taken.evicted->tree, 3u);
  EXPECT_EQ(children.of(3).front().until, 50u);
  EXPECT_EQ(children.slots_used(), 1u);
  EXPECT_FALSE(children.ask({kC}, 5, 0, one, b_is_strong, kLater + kTenureMin).admitted) << "the same place is not given twice";
  children.drop_finished(50);
  EXPECT_FALSE(children.is_child(kA, 3));
  EXPECT_TRUE(children.is_child(kB, 5));
}

TEST(Children, AStripeWithFewCopiesTakesOneOfThoseThatHaveMany) {
  Children children;
  const Children::Capacity source{.slots = 4, .copies_max = 3, .grace_until = 50};
  const auto weight = [](PeerId peer) { return static_cast<std::int64_t>(peer.value * 100); };
  for (const PeerId peer : {kB, kC, kA}) EXPECT_TRUE(children.ask({peer}, 2, 0, source, weight, kStart).admitted);
  EXPECT_TRUE(children.ask({kB}, 5, 0, source, weight, kStart).admitted);
  EXPECT_TRUE(children.behind_others(5));
  const auto second = children.ask({.peer = kC, .fed = true}, 5, 0, source, weight, kStart);
  ASSERT_TRUE(second.admitted && second.evicted) << "at once: everybody below that stripe hangs from one";
  EXPECT_EQ(second.evicted->tree, 2u);
  EXPECT_EQ(second.evicted->peer, kA) << "the one that passes on least";
  EXPECT_FALSE(second.soft);
  EXPECT_EQ(children.slots_used(), 4u);
  EXPECT_FALSE(children.behind_others(5));
  EXPECT_FALSE(children.ask({.peer = kA, .fed = true}, 5, 0, source, weight, kStart).admitted) << "two and two";
}

/// Full, with A in a stripe that comes here over nine hops and another that comes over four.
struct Far {
  Far() {
    capacity.hops[2] = 1;
    capacity.hops[4] = 4;
    capacity.hops[7] = 9;
    (void)children.ask({kA}, 4, 0, capacity, all_alike, kStart);
    (void)children.ask({kA}, 7, 0, capacity, all_alike, kStart);
  }
  Children children;
  Children::Capacity capacity{.slots = 2, .grace_until = 50};
};

TEST(Children, TheFurthestFromTheSourceGoesForOneInAStripeThatIsNear) {
  Far far;
  EXPECT_FALSE(far.children.ask({.peer = kB, .fed = true}, 2, 0, far.capacity, all_alike, kLater - 1us).admitted) << "it has just come";
  const auto taken = far.children.ask({.peer = kB, .fed = true}, 2, 0, far.capacity, all_alike, kLater);
  ASSERT_TRUE(taken.admitted && taken.evicted);
  EXPECT_EQ(taken.evicted->tree, 7u);
  EXPECT_EQ(far.children.of(7).front().until, 50u) << "it is served until it has found another";
  EXPECT_TRUE(far.children.ask({.peer = kC, .fed = true}, 2, 0, far.capacity, all_alike, kLater).evicted);
  EXPECT_EQ(far.children.slots_used(), 2u);
  EXPECT_FALSE(far.children.ask({.peer = PeerId{9}, .fed = true}, 2, 0, far.capacity, all_alike, kLater + kTenureMin).admitted) << "all are near";
}

TEST(Children, ForOneWithoutAParentItGoesAtOnce) {
  Far far;
  EXPECT_FALSE(far.children.ask({.peer = kB, .passes_on = false}, 2, 0, far.capacity, all_alike, kStart).admitted) << "nothing would come of it";
  EXPECT_TRUE(far.children.ask({kB}, 2, 0, far.capacity, all_alike, kStart).evicted);
}

TEST(Children, WhoSaysSoBeforeIsNotAskedInVain) {
  Children children;
  const Children::Capacity one{.slots = 1, .grace_until = 50};
  EXPECT_EQ(children.full_below(one, b_is_strong), 0);
  (void)children.ask({kA}, 0, 0, one, b_is_strong, kStart);
  const std::int64_t limit = children.full_below(one, b_is_strong);
  EXPECT_GT(limit, 0);
  const auto weight_is = [&](std::int64_t weight) { return [weight](PeerId peer) { return peer == kA ? 100 : weight; }; };
  EXPECT_FALSE(children.ask({kC}, 0, 0, one, weight_is(limit), kLater).admitted);
  EXPECT_TRUE(children.ask({kC}, 0, 0, one, weight_is(limit + 1), kLater).admitted);
}

TEST(Children, AStreamOfOneCopyIsSharedAmongEquals) {
  Children children;
  for (std::size_t tree = 0; tree < kStripes; ++tree) (void)children.ask({kA}, tree, 0, kOneCopy, all_alike, kStart);
  std::uint32_t moved = 0;
  for (std::size_t tree = 0; tree < kStripes; ++tree) moved += children.ask({kB}, tree, 0, kOneCopy, all_alike, kLater).evicted ? 1 : 0;
  EXPECT_GE(moved, 1u);
  EXPECT_LT(moved, kStripes / 2) << "no more than makes a difference: else they would swing";
}

TEST(Children, ASoftChildMovesUpWhenTheHardOneLeaves) {
  Children children;
  (void)children.ask({kA}, 0, 0, kOneCopy, all_alike, kStart);
  (void)children.ask({kB}, 0, 0, kOneCopy, all_alike, kStart);
  (void)children.ask({kB}, 0, 0, kOneCopy, all_alike, kStart + kSoftAfter);
  const auto carries = [](PeerId) { return true; };
  EXPECT_FALSE(children.promote(0, 1, carries));
  children.peer_gone(kA);
  EXPECT_FALSE(children.promote(0, 1, [](PeerId) { return false; })) << "its link is full";
  EXPECT_EQ(children.promote(0, 1, carries), kB);
  EXPECT_FALSE(children.of(0).front().soft);
}

TEST(Children, TheReserveIsForWhoHasNobodyElse) {
  Children children;
  const Children::Capacity full{.slots = 1, .reserve = 1};
  (void)children.ask({kA}, 0, 0, full, all_alike, kStart);
  for (const Instant at : {kStart, kStart + kSoftAfter}) EXPECT_FALSE(children.ask({.peer = kC, .fed = true}, 1, 0, full, all_alike, at).admitted);
  EXPECT_FALSE(children.ask({kB}, 1, 0, full, all_alike, kStart).admitted);
  const auto late = children.ask({kB}, 1, 0, full, all_alike, kStart + kSoftAfter);
  EXPECT_TRUE(late.admitted && late.soft);
  EXPECT_FALSE(children.ask({kB}, 2, 0, full, all_alike, kStart).admitted);
  EXPECT_FALSE(children.ask({kB}, 2, 0, full, all_alike, kStart + kSoftAfter).admitted) << "it has an end, too";
}

TEST(Children, AnUnsubscribedChildIsServedUpToTheLastPieceItWanted) {
  Children children;
  (void)children.ask({kC}, 0, 0, kRoomy, all_alike, kStart);
  children.unsubscribe(kC, 0, 50, 40);
  EXPECT_TRUE(children.is_child(kC, 0));
  children.drop_finished(50);
  EXPECT_FALSE(children.is_child(kC, 0));
}

}  // namespace
}  // namespace p2p::mesh
