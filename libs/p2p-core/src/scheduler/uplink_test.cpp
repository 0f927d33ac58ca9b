#include "scheduler/uplink.hpp"

#include <gtest/gtest.h>

namespace p2p::mesh {
namespace {

constexpr PeerId kA{1}, kB{2};
constexpr Instant kStart{};

Uplink::Piece piece_of(PieceNumber number, std::uint32_t bytes) { return {.number = number, .captured_us = number, .bytes = bytes}; }

Uplink an_uplink(std::int64_t bits_per_s = 100'000'000) {
  Uplink uplink{{.bits_per_s = bits_per_s, .burst_bytes_min = 26'000}, kStart};
  uplink.link_up(kA);
  uplink.link_up(kB);
  return uplink;
}

TEST(Uplink, PushesGoBeforeRequests) {
  Uplink uplink = an_uplink();
  ASSERT_TRUE(uplink.request(kA, piece_of(1, 1000), kStart));
  ASSERT_TRUE(uplink.push(kB, piece_of(2, 1000), false, kStart));
  EXPECT_EQ(uplink.take(kStart)->piece.number, 2u);
  EXPECT_EQ(uplink.take(kStart)->piece.number, 1u);
  EXPECT_FALSE(uplink.take(kStart));
}

TEST(Uplink, AFullLinkWaitsAndTheOtherGoesOn) {
  Uplink uplink = an_uplink();
  uplink.backlog(kA, Uplink::kBacklogMax, kStart);
  ASSERT_TRUE(uplink.push(kA, piece_of(1, 1000), false, kStart));
  ASSERT_TRUE(uplink.push(kB, piece_of(2, 1000), false, kStart));
  EXPECT_EQ(uplink.take(kStart)->peer, kB);
  EXPECT_FALSE(uplink.take(kStart));
  uplink.backlog(kA, 0, kStart);
  EXPECT_EQ(uplink.take(kStart)->peer, kA);
}

TEST(Uplink, ControlMessagesArePaidForByThePiecesAfterThem) {
  Uplink uplink = an_uplink(1'000'000);
  const auto pieces_at = [&](Instant now) {
    int sent = 0;
    while (uplink.take(now)) ++sent;
    return sent;
  };
  for (PieceNumber piece = 0; piece < 100; ++piece) ASSERT_TRUE(uplink.push(kA, piece_of(piece, 10'000), false, kStart));
  ASSERT_EQ(pieces_at(kStart), 2);
  for (int i = 0; i < 100; ++i) uplink.sent_control(kB, 123, kStart);   // 200 bytes each on the line
  EXPECT_EQ(pieces_at(kStart + 160ms), 0) << "the line has just sent what was said";
  EXPECT_EQ(pieces_at(kStart + 400ms), 2);
}

TEST(Uplink, SpendsNoMoreThanItsBudget) {
  Uplink uplink = an_uplink(1'000'000);
  for (PieceNumber piece = 0; piece < 100; ++piece) ASSERT_TRUE(uplink.push(kA, piece_of(piece, 10'000), false, kStart));
  int sent = 0;
  while (uplink.take(kStart)) ++sent;
  EXPECT_EQ(sent, 2);
  const Instant due = uplink.next_due();
  EXPECT_FALSE(uplink.take(due - 1us));
  EXPECT_TRUE(uplink.take(due));
  uplink.check_invariants();
}

TEST(Uplink, WhatWaitedTooLongIsDroppedAndNamed) {
  Uplink uplink = an_uplink(100'000);
  for (PieceNumber piece = 0; piece < 5; ++piece) ASSERT_TRUE(uplink.push(kA, piece_of(piece, 12'000), false, kStart));
  while (uplink.take(kStart)) {}
  const auto expired = uplink.expire(kStart + Uplink::kPushWaitMax + 1us);
  ASSERT_EQ(expired.size(), 3u);
  EXPECT_EQ(expired.front().piece.number, 2u);
  uplink.check_invariants();
}

TEST(Uplink, ControlMessagesThatADriverStillHoldsAreNoQueueOfPieces) {
  Uplink uplink = an_uplink();
  Instant now = kStart;
  for (PieceNumber i = 0; i < 50; ++i, now += 200ms) {
    ASSERT_TRUE(uplink.push(kA, piece_of(i, 1000), false, now));
    ASSERT_TRUE(uplink.take(now));
    uplink.backlog(kA, 0, now);
    uplink.sent_control(kA, 120, now);
    uplink.backlog(kA, 120, now);   // a browser tells what it was just given; it never tells that this has gone
  }
  EXPECT_FALSE(uplink.link_bits_per_s(kA)) << "so little of a queue says nothing of the link";
}

TEST(Uplink, APieceQueuesOnceAndCanBeCancelled) {
  Uplink uplink = an_uplink();
  EXPECT_TRUE(uplink.push(kA, piece_of(1, 1000), false, kStart));
  EXPECT_FALSE(uplink.push(kA, piece_of(1, 1000), false, kStart));
  EXPECT_FALSE(uplink.request(kA, piece_of(1, 1000), kStart));
  uplink.cancel(kA, {}, 1);
  EXPECT_FALSE(uplink.take(kStart));
  uplink.check_invariants();
}

TEST(Uplink, OfTwoRenditionsTheOlderPieceGoesFirstWhateverItsNumber) {
  Uplink uplink = an_uplink();
  const RenditionId low{1};
  ASSERT_TRUE(uplink.push(kA, {.number = 9, .captured_us = 100, .bytes = 1000}, false, kStart));
  ASSERT_TRUE(uplink.push(kB, {.rendition = low, .number = 50, .captured_us = 90, .bytes = 1000}, false, kStart));
  ASSERT_TRUE(uplink.push(kA, {.rendition = low, .number = 9, .captured_us = 80, .bytes = 1000}, false, kStart)) << "not the same piece";
  uplink.cancel(kA, low, 9);
  ASSERT_TRUE(uplink.push(kB, {.rendition = low, .number = 52, .captured_us = 100, .place = 1, .bytes = 1000}, false, kStart));
  EXPECT_EQ(uplink.take(kStart)->piece.number, 50u);
  EXPECT_EQ(uplink.take(kStart)->piece.number, 9u);
  EXPECT_EQ(uplink.take(kStart)->piece.number, 52u) << "parts of one time take turns";
  EXPECT_FALSE(uplink.take(kStart));
  uplink.check_invariants();
}

TEST(Uplink, ALinkThatGoesTakesItsQueueAlong) {
  Uplink uplink = an_uplink();
  ASSERT_TRUE(uplink.push(kA, piece_of(1, 1000), false, kStart));
  uplink.link_down(kA);
  EXPECT_FALSE(uplink.push(kA, piece_of(2, 1000), false, kStart));
  EXPECT_FALSE(uplink.take(kStart));
  uplink.check_invariants();
}

}  // namespace
}  // namespace p2p::mesh
