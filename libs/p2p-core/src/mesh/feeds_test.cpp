#include "mesh/feeds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace p2p::mesh {
namespace {

constexpr PeerId kSelf{9ULL << 32}, kSource{1ULL << 32}, kPeer{2ULL << 32}, kOther{3ULL << 32};
constexpr Instant kStart{1s};

class FeedsTest : public ::testing::Test {
 protected:
  FeedsTest() {
    feeds_.set_source(path_name(kSource));
    add(kSource).role = Role::kSource;
  }

  Neighbor& add(PeerId peer) {
    Neighbor& neighbor = neighbors_[peer];
    neighbor.peer = peer;
    neighbor.greeted = true;
    neighbor.heard_at = now_;
    NeighborTrack& track = neighbor.in(RenditionId{});
    track.slots = track.slots_free = 40;
    for (wire::StripeState& stripe : track.stripes) stripe = {.delay_ms = 50, .hop = 1};
    return neighbor;
  }

  Feeds::Plan plan() {
    for (auto& [peer, neighbor] : neighbors_) {
      if (!silent_.contains(peer)) neighbor.heard_at = now_;
    }
    return feeds_.plan(neighbors_, {.unit_bits_per_s = 400'000, .weight = 1'000, .next = 1'000, .source = path_name(kSource)}, now_,
                       [](PeerId, std::size_t) { return false; },
                       [&](const Neighbor& neighbor, std::size_t tree) { return news_.contains({neighbor.peer, tree}); });
  }

  static bool asks(const Feeds::Plan& plan, PeerId peer, std::size_t tree) {
    return std::any_of(plan.asks.begin(), plan.asks.end(), [&](const Feeds::Place& ask) { return ask.peer == peer && ask.tree == tree; });
  }

  void feed(std::size_t tree, PeerId parent, bool soft = false) {
    std::vector<std::uint32_t> path{path_name(kSource)};
    if (parent != kSource) path.push_back(path_name(parent));
    bool accepted = false;
    (void)feeds_.subscribed(parent, tree, 0, std::move(path), soft, kSelf, now_, accepted);
    ASSERT_TRUE(accepted);
  }

  /// Answers questions until nothing is asked for two seconds; every one with yes.
  void settle() {
    for (int i = 0; i < 20; ++i, now_ += 100ms) {
      for (const Feeds::Place& ask : plan().asks) feed(ask.tree, ask.peer);
    }
  }

  Instant now_ = kStart;
  Neighbors neighbors_;
  std::set<PeerId> silent_;
  std::set<std::pair<PeerId, std::size_t>> news_;
  Feeds feeds_{Prng{1}};
};

TEST_F(FeedsTest, EveryTreeFindsAParentAndNoneFeedsAllWhenThereAreSeveral) {
  for (std::uint64_t i = 0; i < 5; ++i) add(PeerId{(10 + i) << 32});
  settle();
  EXPECT_FALSE(feeds_.starving());
  for (const auto& [peer, neighbor] : neighbors_) EXPECT_LE(feeds_.trees_fed_by(peer), 3u);
}

TEST_F(FeedsTest, ARelayIsForWhoHasNoOtherWay) {
  add(kPeer).relayed = true;
  for (std::uint64_t i = 0; i < 5; ++i) add(PeerId{(10 + i) << 32});
  settle();
  EXPECT_FALSE(feeds_.starving());
  EXPECT_EQ(feeds_.trees_fed_by(kPeer), 0u);
}

TEST_F(FeedsTest, WhoIsReachedByRelaysOnlyIsFedThroughThem) {
  neighbors_.erase(kSource);
  for (std::uint64_t i = 0; i < 5; ++i) add(PeerId{(10 + i) << 32}).relayed = true;
  settle();
  EXPECT_FALSE(feeds_.starving());
}

TEST_F(FeedsTest, WhoCanFeedManyGivesMoreStripesThanOthersMay) {
  neighbors_.at(kSource).giving = false;
  for (std::uint64_t i = 0; i < 5; ++i) add(PeerId{(10 + i) << 32}).in(RenditionId{}).slots = 8;
  NeighborTrack& rich = add(kPeer).in(RenditionId{});
  rich.slots = rich.slots_free = 60;
  for (wire::StripeState& stripe : rich.stripes) stripe.delay_ms = 10;
  for (auto& [peer, neighbor] : neighbors_) {
    for (wire::StripeState& stripe : neighbor.in(RenditionId{}).stripes) stripe.delay_ms += peer == kPeer ? 0 : 300;
  }
  settle();
  std::size_t most_of_others = 0;
  for (std::uint64_t i = 0; i < 5; ++i) most_of_others = std::max(most_of_others, feeds_.trees_fed_by(PeerId{(10 + i) << 32}));
  EXPECT_LE(most_of_others, 3u);
  EXPECT_EQ(feeds_.trees_fed_by(kPeer), 5u) << "two more than the others may, and not all";
}

TEST_F(FeedsTest, AStripeThatTheSourceGivesToHardlyAnybodyIsTakenAtOnce) {
  add(kPeer);
  neighbors_.at(kSource).giving = false;
  settle();
  neighbors_.at(kSource).giving = true;
  neighbors_.at(kSource).rtt = 900ms;   // hardly worth it for who is fed well
  for (wire::StripeState& stripe : neighbors_.at(kSource).in(RenditionId{}).stripes) stripe.wanted = 1;
  EXPECT_FALSE(asks(plan(), kSource, 3));
  neighbors_.at(kSource).in(RenditionId{}).stripes[3].wanted = 2;
  EXPECT_TRUE(asks(plan(), kSource, 3));
}

TEST_F(FeedsTest, MoreComesFromTheSourceThanFromOthersWhereNobodyTakesIt) {
  for (std::uint64_t i = 2; i < 10; ++i) add(PeerId{(i + 8) << 32});
  for (int i = 0; i < 40; ++i, now_ += 100ms) {
    for (std::size_t tree = 0; tree < kStripes; ++tree) neighbors_[kSource].in(RenditionId{}).stripes[tree].wanted = feeds_.feed(tree).parent == kSource ? 2 : 3;
    for (const Feeds::Place& ask : plan().asks) feed(ask.tree, ask.peer);
  }
  for (const auto& [peer, neighbor] : neighbors_) {
    if (peer != kSource) EXPECT_LE(feeds_.trees_fed_by(peer), 2u);
  }
  EXPECT_GE(feeds_.trees_fed_by(kSource), 4u);
  EXPECT_LT(feeds_.trees_fed_by(kSource), kStripes);
}

TEST_F(FeedsTest, AFullNeighborThatMakesRoomInAStripeIsAskedForThatOne) {
  Neighbor& near = add(kPeer);
  near.in(RenditionId{}).full_below = 1'000'000;
  near.in(RenditionId{}).stripes[2].wanted = 1;
  neighbors_.erase(kSource);
  const Feeds::Plan asked = plan();
  for (std::size_t tree = 0; tree < kStripes; ++tree) EXPECT_EQ(asks(asked, kPeer, tree), tree == 2) << tree;
}

TEST_F(FeedsTest, ASoftFeedLeavesEvenForANeighborThatFeedsUsMuch) {
  add(kPeer);
  neighbors_.at(kSource).in(RenditionId{}).full_below = 100'000;   // its copies are complete, and we pass on too little to take a place
  neighbors_.at(kSource).giving = false;         // until all come from the peer
  settle();
  ASSERT_EQ(feeds_.trees_fed_by(kPeer), kStripes);
  neighbors_.at(kSource).giving = true;
  // The peer asks us to go in one stripe, and the source takes us in softly.
  feeds_.evicted(kPeer, 7, 0);
  neighbors_.at(kPeer).in(RenditionId{}).denied_until[7] = now_ + 600ms;
  bool asked_source = false;
  for (const Feeds::Place& ask : plan().asks) {
    if (ask.tree != 7) continue;
    asked_source = ask.peer == kSource;
    feed(7, ask.peer, true);
  }
  ASSERT_TRUE(asked_source);
  settle();
  EXPECT_EQ(feeds_.feed(7).parent, kPeer) << "the source gives it twice";
}

TEST_F(FeedsTest, AParentThatPushesNoneOfFourPiecesIsLeftAndAvoided) {
  add(kPeer);
  add(kOther);
  neighbors_.at(kSource).giving = false;
  settle();
  const PeerId lazy = *feeds_.feed(3).parent;
  for (PieceNumber piece = 3; piece < 3 + 4 * kStripes; piece += kStripes) feeds_.came_by_request(piece);
  const Feeds::Plan changed = plan();
  ASSERT_EQ(changed.left.size(), 1u);
  EXPECT_EQ(changed.left.front().peer, lazy);
  for (const Feeds::Place& ask : changed.asks) EXPECT_NE(ask.peer, lazy);
}

TEST_F(FeedsTest, AStripeThatWentDryIsTakenFromWhoHasItsPieces) {
  add(kPeer);
  add(kOther);
  neighbors_.at(kSource).giving = false;
  settle();
  const PeerId dry = *feeds_.feed(3).parent;
  const PeerId other = dry == kPeer ? kOther : kPeer;
  now_ += 2s;   // the parent lives, and pushes nothing
  EXPECT_FALSE(asks(plan(), other, 3));
  news_.insert({other, 3});
  EXPECT_TRUE(asks(plan(), other, 3));
  EXPECT_TRUE(feeds_.dry(3));
  EXPECT_EQ(feeds_.feed(3).parent, dry) << "until the other says yes";
}

TEST_F(FeedsTest, ASilentParentIsLeftWithinASecond) {
  add(kPeer);
  add(kOther);
  neighbors_.at(kSource).giving = false;
  settle();
  ASSERT_GT(feeds_.trees_fed_by(kPeer), 0u);
  silent_.insert(kPeer);
  const Instant silent_since = now_;
  while (feeds_.trees_fed_by(kPeer) > 0 && now_ < silent_since + 5s) {
    now_ += 50ms;
    for (const Feeds::Place& ask : plan().asks) feed(ask.tree, ask.peer);
  }
  EXPECT_LE(now_ - silent_since, kParentSilence + 200ms);
  EXPECT_FALSE(feeds_.starving());
}

TEST_F(FeedsTest, AFeedThatHangsFromNothingIsNoneAndIsReplaced) {
  add(kPeer);
  add(kOther);
  neighbors_.at(kSource).giving = false;
  settle();
  const PeerId parent = *feeds_.feed(2).parent;
  const PeerId orphan{77ULL << 32};
  EXPECT_FALSE(feeds_.path_changed(parent, 2, {path_name(orphan), path_name(parent)}, kSelf));
  EXPECT_FALSE(feeds_.rooted(2));
  EXPECT_TRUE(feeds_.starving());
  EXPECT_EQ(feeds_.feed(2).parent, parent) << "it goes on until there is another";
  neighbors_.at(parent).in(RenditionId{}).stripes[2] = {};
  settle();
  EXPECT_TRUE(feeds_.rooted(2));
  EXPECT_NE(feeds_.feed(2).parent, parent);
}

TEST_F(FeedsTest, AParentWhosePathNamesUsIsLeftAtOnce) {
  add(kPeer);
  neighbors_.at(kSource).giving = false;
  settle();
  EXPECT_TRUE(feeds_.path_changed(kPeer, 4, {path_name(kSource), path_name(kSelf), path_name(kPeer)}, kSelf));
  EXPECT_FALSE(feeds_.feed(4).parent);
}

}  // namespace
}  // namespace p2p::mesh
