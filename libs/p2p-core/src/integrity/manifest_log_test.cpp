#include "integrity/manifest_log.hpp"

#include <gtest/gtest.h>

namespace p2p::mesh {
namespace {

wire::ManifestEntry part(std::uint32_t segment, std::uint16_t number, PieceNumber first, std::size_t pieces) {
  return {.segment = segment, .part = number, .independent = number == 0, .media_time_us = segment * 2'000'000 + number * 200'000,
          .duration_us = 200'000, .size = 100, .first = first, .digests = std::vector<wire::Digest>(pieces)};
}

class ManifestLogTest : public testing::Test {
 protected:
  bool add(wire::ManifestEntry entry) {
    added.clear();
    return log.add({std::move(entry)}, {}, {}, added);
  }
  ManifestLog log;
  std::vector<const ManifestLog::Entry*> added;
};

TEST_F(ManifestLogTest, FindsThePartOfAPiece) {
  ASSERT_TRUE(add(part(0, 0, 0, 4)));
  ASSERT_TRUE(add(part(0, 1, 4, 2)));
  EXPECT_EQ(log.find(3)->part.part, 0);
  EXPECT_EQ(log.find(5)->part.part, 1);
  EXPECT_EQ(log.find(6), nullptr);
}

TEST_F(ManifestLogTest, TheSameEntryTwiceIsNoNews) {
  ASSERT_TRUE(add(part(0, 0, 0, 4)));
  ASSERT_TRUE(add(part(0, 0, 0, 4)));
  EXPECT_TRUE(added.empty());
}

TEST_F(ManifestLogTest, ContradictionsAreRefused) {
  ASSERT_TRUE(add(part(1, 0, 10, 4)));
  EXPECT_FALSE(add(part(0, 9, 8, 3))) << "overlaps the next";
  EXPECT_FALSE(add(part(1, 1, 12, 3))) << "overlaps the one before";
  EXPECT_FALSE(add(part(0, 5, 14, 3))) << "a later piece in an earlier segment";
  log.check_invariants();
}

TEST_F(ManifestLogTest, TellsWhereEntriesAreMissing) {
  ASSERT_TRUE(add(part(0, 0, 0, 4)));
  EXPECT_FALSE(log.first_gap());
  ASSERT_TRUE(add(part(0, 2, 9, 4)));
  EXPECT_EQ(log.first_gap(), 4u);
}

TEST_F(ManifestLogTest, AGapThatIsFilledGivesWayToTheNext) {
  for (const std::uint16_t number : std::initializer_list<std::uint16_t>{0, 2, 4, 5}) ASSERT_TRUE(add(part(0, number, number * 4u, 4)));
  EXPECT_EQ(log.first_gap(), 4u);
  ASSERT_TRUE(add(part(0, 1, 4, 4)));
  EXPECT_EQ(log.first_gap(), 12u);
  ASSERT_TRUE(add(part(0, 3, 12, 4)));
  EXPECT_FALSE(log.first_gap());
  log.check_invariants();
}

TEST_F(ManifestLogTest, AGapIsForgottenWithWhatLayBeforeIt) {
  for (const std::uint32_t segment : {0u, 1u, 3u, 4u, 20u}) ASSERT_TRUE(add(part(segment, 0, segment * 4, 4)));
  EXPECT_EQ(log.first_gap(), 8u);
  EXPECT_EQ(log.keep(36s), 3 * 4u);
  EXPECT_EQ(log.first_gap(), 20u);
  EXPECT_EQ(log.keep(1s), 20 * 4u);
  EXPECT_FALSE(log.first_gap());
  log.check_invariants();
}

TEST_F(ManifestLogTest, FindsThePartOfAnyPieceInALongLogThatCameInAnyOrder) {
  constexpr std::uint32_t kParts = 200;
  for (std::uint32_t i = 0; i < kParts; ++i) {
    const std::uint32_t segment = i * 77 % kParts;
    ASSERT_TRUE(add(part(segment, 0, 10 + segment * 5, 4)));
    ASSERT_EQ(added.size(), 1u);
    EXPECT_EQ(added.front()->part.segment, segment);
    log.check_invariants();
  }
  EXPECT_EQ(log.find(9), nullptr);
  EXPECT_EQ(log.at_or_after(0), log.oldest());
  for (PieceNumber piece = 10; piece < 10 + kParts * 5; ++piece) {
    const std::uint32_t segment = (piece - 10) / 5;
    const bool between = (piece - 10) % 5 == 4;
    if (between) EXPECT_EQ(log.find(piece), nullptr);
    else EXPECT_EQ(log.find(piece)->part.segment, segment);
    const ManifestLog::Entry* next = log.at_or_after(piece);
    if (piece == 10 + segment * 5) EXPECT_EQ(next->part.segment, segment);
    else if (segment + 1 < kParts) EXPECT_EQ(next->part.segment, segment + 1);
    else EXPECT_EQ(next, nullptr);
  }
  EXPECT_EQ(log.find(UINT32_MAX), nullptr);
  EXPECT_EQ(log.at_or_after(UINT32_MAX), nullptr);
}

TEST_F(ManifestLogTest, ForgetsWhatLeftTheWindow) {
  for (std::uint32_t segment = 0; segment < 20; ++segment) ASSERT_TRUE(add(part(segment, 0, segment * 4, 4)));
  EXPECT_EQ(log.keep(10s), 14 * 4u);
  EXPECT_EQ(log.newest_start(UINT32_MAX)->part.segment, 19u);
  EXPECT_EQ(log.newest_start(19 * 4)->part.segment, 18u);
}

}  // namespace
}  // namespace p2p::mesh
