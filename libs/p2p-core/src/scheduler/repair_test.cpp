#include "scheduler/repair.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace p2p::mesh {
namespace {

constexpr PeerId kFirst{1ULL << 32}, kSecond{2ULL << 32};
constexpr Instant kStart{10s};
constexpr PieceNumber kKeyPieces = 16;

class RepairTest : public ::testing::Test {
 protected:
  Neighbor& add(PeerId peer) {
    Neighbor& neighbor = neighbors_[peer];
    neighbor.peer = peer;
    neighbor.greeted = true;
    neighbor.heard_at = now_;
    NeighborTrack& track = neighbor.in(RenditionId{});
    track.slots = track.slots_free = 40;
    for (PieceNumber piece = 0; piece < 3 * kKeyPieces; ++piece) track.has.add(piece);
    return neighbor;
  }
  void want(PieceNumber end) {
    for (PieceNumber piece = 0; piece < end; ++piece) repair_.want(piece, now_ - 2s, now_);
  }
  std::vector<Repair::Ask> plan(PieceNumber early_from = UINT32_MAX, PieceNumber early_until = 0) {
    for (auto& [peer, neighbor] : neighbors_) neighbor.heard_at = now_;
    return repair_.plan(neighbors_, feeds_, {.starting = true, .urgent_before = kKeyPieces, .early_from = early_from, .early_until = early_until,
                                             .unit_bits_per_s = 400'000}, now_);
  }
  static std::size_t asked_of(const std::vector<Repair::Ask>& asks, PeerId peer) {
    std::size_t pieces = 0;
    for (const Repair::Ask& ask : asks) pieces += ask.peer == peer ? ask.pieces.size() : 0;
    return pieces;
  }

  Instant now_ = kStart;
  Neighbors neighbors_;
  Feeds feeds_{Prng{1}};
  Repair repair_{Prng{2}};
};

TEST_F(RepairTest, TheFirstPartMovesToWhoComesUpWhileItIsAwaited) {
  add(kFirst);
  want(kKeyPieces);
  EXPECT_EQ(asked_of(plan(), kFirst), kKeyPieces) << "all of it, of the only one who is there";
  now_ += 80ms;
  add(kSecond);
  const auto asks = plan();
  const std::size_t moved = asked_of(asks, kSecond);
  EXPECT_GE(moved, kKeyPieces / 4);
  EXPECT_LE(moved, kKeyPieces * 3 / 4);
  ASSERT_EQ(repair_.given_up().size(), moved) << "who was asked first need not send them";
  for (const Repair::Cancel& cancel : repair_.given_up()) EXPECT_EQ(cancel.peer, kFirst);
  EXPECT_TRUE(repair_.asked(kFirst, 0)) << "what comes next stays";
  EXPECT_TRUE(plan().empty()) << "and nothing moves back";
  repair_.check_invariants();
}

TEST_F(RepairTest, AnAnswerThatStaysAwayIsCalledOff) {
  add(kFirst);
  want(1);
  EXPECT_EQ(asked_of(plan(), kFirst), 1u);
  now_ += 2s;
  add(kSecond);
  EXPECT_EQ(asked_of(plan(), kSecond), 1u);
  ASSERT_EQ(repair_.given_up().size(), 1u);
  EXPECT_EQ(repair_.given_up().front().peer, kFirst);
}

TEST_F(RepairTest, ANeighborWithALongQueueIsLeftInPeace) {
  add(kFirst).queue = 400ms;
  want(4);
  EXPECT_TRUE(plan().empty());
  add(kSecond);
  EXPECT_EQ(asked_of(plan(), kSecond), 4u);
}

TEST_F(RepairTest, WhatANewcomerPlaysLaterIsAskedForLater) {
  for (std::uint64_t i = 1; i <= 8; ++i) add(PeerId{i << 32});
  want(3 * kKeyPieces);
  const auto most = [](const std::vector<Repair::Ask>& asks) {
    PieceNumber piece = 0;
    for (const Repair::Ask& ask : asks) piece = std::max(piece, *std::max_element(ask.pieces.begin(), ask.pieces.end()));
    return piece;
  };
  EXPECT_EQ(most(plan(20, 40)), 3 * kKeyPieces - 1) << "what it is owed since it came is not early";
  EXPECT_FALSE(repair_.asked_of(20).has_value());
  EXPECT_FALSE(repair_.asked_of(39).has_value());
  EXPECT_TRUE(repair_.asked_of(19).has_value());
}

/// Stripe 0 of the source has come late, and has just brought piece 8.
class LateStripeTest : public RepairTest {
 protected:
  LateStripeTest() {
    Neighbor& parent = add(kFirst);
    add(kSecond);
    parent.role = Role::kSource;
    feeds_.set_source(path_name(kFirst));
    const auto asked = feeds_.plan(neighbors_, {.unit_bits_per_s = 400'000, .source = path_name(kFirst)}, now_, [](PeerId, std::size_t) { return false; },
                                   [](const Neighbor&, std::size_t) { return false; });
    for (const Feeds::Place& place : asked.asks) {
      bool accepted = false;
      (void)feeds_.subscribed(place.peer, place.tree, 0, {path_name(kFirst)}, false, PeerId{9ULL << 32}, now_, accepted);
    }
    EXPECT_EQ(feeds_.feed(0).parent, kFirst);
    now_ += 5s;
    for (PieceNumber piece = 0; piece <= 8; piece += 8) feeds_.pushed_by(neighbors_[kFirst], {.tree = 0, .piece = piece, .age = 900ms, .in_time = true}, now_);
  }
  bool asks_after(PieceNumber piece, Duration age) {
    repair_.want(piece, now_ - age, now_);
    for (auto& [peer, neighbor] : neighbors_) neighbor.heard_at = now_;
    return !repair_.plan(neighbors_, feeds_, {.unit_bits_per_s = 400'000}, now_).empty();
  }
};

TEST_F(LateStripeTest, WhatComesNextInAStripeThatGoesOnIsAwaited) { EXPECT_FALSE(asks_after(16, 1300ms)); }

TEST_F(LateStripeTest, WhatItPassedOverIsAskedFor) {
  feeds_.pushed_by(neighbors_[kFirst], {.tree = 0, .piece = 24, .age = 900ms, .in_time = true}, now_);
  EXPECT_TRUE(asks_after(16, 1300ms));
}

TEST_F(LateStripeTest, WhenItStopsItIsAskedFor) {
  now_ += 500ms;
  EXPECT_TRUE(asks_after(16, 1300ms));
}

TEST_F(LateStripeTest, NothingIsAwaitedForTooLong) { EXPECT_TRUE(asks_after(16, 1500ms)); }

}  // namespace
}  // namespace p2p::mesh
