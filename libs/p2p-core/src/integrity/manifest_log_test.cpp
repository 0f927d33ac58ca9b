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

TEST_F(ManifestLogTest, ForgetsWhatLeftTheWindow) {
  for (std::uint32_t segment = 0; segment < 20; ++segment) ASSERT_TRUE(add(part(segment, 0, segment * 4, 4)));
  EXPECT_EQ(log.keep(10s), 14 * 4u);
  EXPECT_EQ(log.newest_start(UINT32_MAX)->part.segment, 19u);
  EXPECT_EQ(log.newest_start(19 * 4)->part.segment, 18u);
}

}  // namespace
}  // namespace p2p::mesh
