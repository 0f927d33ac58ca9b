#include "buffer/playout.hpp"

#include <gtest/gtest.h>

namespace p2p::mesh {
namespace {

/// Segments of ten parts of 200 ms and two pieces each.
class PlayoutTest : public testing::Test {
 protected:
  static constexpr PieceNumber kPieces = 2;

  void SetUp() override { playout.start_at(0); }

  void list(std::uint32_t parts) {
    for (; listed < parts; ++listed) {
      std::vector<const ManifestLog::Entry*> added;
      ASSERT_TRUE(log.add({{.segment = listed / 10, .part = static_cast<std::uint16_t>(listed % 10), .independent = listed % 10 == 0,
                            .media_time_us = listed * 200'000, .duration_us = 200'000, .size = 20, .first = listed * kPieces,
                            .digests = std::vector<wire::Digest>(kPieces)}}, {}, now, added));
    }
  }
  void receive(std::uint32_t part) {
    for (PieceNumber piece = part * kPieces; piece < (part + 1) * kPieces; ++piece) store.put(piece, {.bytes = Payload{Bytes(10)}});
  }
  int play() {
    int parts = 0;
    while (playout.take(log, store, now)) ++parts;
    return parts;
  }

  ManifestLog log;
  PieceStore store;
  Playout playout{2500ms};
  Instant now{1h};
  std::uint32_t listed = 0;
};

TEST_F(PlayoutTest, HandsOutWholePartsInOrder) {
  list(5);
  receive(1);
  EXPECT_EQ(play(), 0);
  receive(0);
  EXPECT_EQ(play(), 2);
}

TEST_F(PlayoutTest, WhoStoodGoesOnWithSomethingInHand) {
  list(10);
  playout.rebuffer(600ms, false, now + 2s);
  receive(0);
  receive(1);
  EXPECT_EQ(play(), 0) << "with one part more it would stand again";
  receive(2);
  EXPECT_EQ(play(), 3);
  receive(3);
  EXPECT_EQ(play(), 1) << "only once";
}

TEST_F(PlayoutTest, ButNotForEver) {
  list(10);
  playout.rebuffer(600ms, false, now + 2s);
  receive(0);
  EXPECT_EQ(play(), 0);
  now += 2s;
  EXPECT_EQ(play(), 1);
}

TEST_F(PlayoutTest, WhoHasJustComeNeedNotWaitForWhatIsNotMadeYet) {
  list(2);
  receive(0);
  receive(1);
  playout.rebuffer(600ms, true, now + 2s);
  EXPECT_EQ(play(), 2);
}

TEST_F(PlayoutTest, CouldGoOnWhereASegmentBeginsThatIsHere) {
  list(20);
  receive(11);
  EXPECT_FALSE(playout.could_go_on(log, store)) << "a decoder can use nothing before a key frame";
  receive(10);
  EXPECT_TRUE(playout.could_go_on(log, store));
  EXPECT_EQ(playout.skip(log, store), 10u);
  const auto part = playout.take(log, store, now);
  ASSERT_TRUE(part);
  EXPECT_TRUE(part->discontinuous);
  EXPECT_EQ(part->part.id.segment, 1u);
}

TEST_F(PlayoutTest, WhatThePlayerDoesNotNeedYetIsWaitedFor) {
  list(20);
  EXPECT_EQ(playout.next_due(log), now + 2500ms);
  playout.needed_at(now + 4s);
  EXPECT_EQ(playout.next_due(log), now + 4s);
}

TEST_F(PlayoutTest, IsHopelessWhenItHasBeenWaitedForThreeTimesAsLong) {
  list(20);
  EXPECT_FALSE(playout.hopeless(log, now + 7s));
  EXPECT_TRUE(playout.hopeless(log, now + 8s));
}

}  // namespace
}  // namespace p2p::mesh
