#include "scheduler/edge.hpp"

#include <gtest/gtest.h>

namespace p2p::mesh {
namespace {

constexpr PeerId kSelf{9ULL << 32}, kSource{1ULL << 32};

class EdgeTest : public ::testing::Test {
 protected:
  EdgeTest() { feeds_.set_source(path_name(kSource)); }

  void feed(std::size_t tree) {
    Neighbors neighbors;
    Neighbor& source = neighbors[kSource];
    source.peer = kSource;
    source.role = Role::kSource;
    source.greeted = true;
    bool accepted = false;
    for (int i = 0; i < 3 && !accepted; ++i, now_ += accepted ? 0s : 2s) {   // a question that it did not answer before is put again after a while
      neighbors[kSource].heard_at = now_;
      (void)feeds_.plan(neighbors, {.source = path_name(kSource)}, now_, [](PeerId, std::size_t) { return false; },
                        [](const Neighbor&, std::size_t) { return false; });
      (void)feeds_.subscribed(kSource, tree, 0, {path_name(kSource)}, false, kSelf, now_, accepted);
    }
    ASSERT_TRUE(accepted);
  }

  void offer(bool yes) { edge_.offered(yes, repair_); }
  std::vector<PieceNumber> plan() { return edge_.plan(repair_, feeds_, false, now_); }

  Instant now_{1s};
  Feeds feeds_{Prng{1}};
  Repair repair_{Prng{2}};
  Edge edge_{Prng{3}};
};

TEST_F(EdgeTest, NothingIsFetchedBeforeAnEdgeIsOffered) {
  repair_.want(3, now_, now_);
  now_ += 10s;
  EXPECT_TRUE(plan().empty());
  EXPECT_EQ(edge_.next_due(), kNever);
}

TEST_F(EdgeTest, AStripeWithoutAParentComesFromTheEdgeUntilItHasOne) {
  offer(true);
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    if (tree != 5) feed(tree);
  }
  EXPECT_TRUE(plan().empty());
  EXPECT_FALSE(edge_.feeds(5));
  now_ += 1600ms;
  (void)plan();
  for (std::size_t tree = 0; tree < kStripes; ++tree) EXPECT_EQ(edge_.feeds(tree), tree == 5);
  for (PieceNumber piece = 0; piece < 16; ++piece) repair_.want(piece, now_, now_);
  now_ += 400ms;
  EXPECT_EQ(plan(), (std::vector<PieceNumber>{5, 13}));
  EXPECT_TRUE(plan().empty()) << "they are under way";
  feed(5);
  (void)plan();
  EXPECT_FALSE(edge_.feeds(5));
}

TEST_F(EdgeTest, APieceThatNobodyBringsIsFetched) {
  offer(true);
  for (std::size_t tree = 0; tree < kStripes; ++tree) feed(tree);
  repair_.want(2, now_, now_);
  now_ += 1s;
  EXPECT_TRUE(plan().empty());
  now_ += 1s;
  EXPECT_EQ(plan(), std::vector<PieceNumber>{2});
  EXPECT_FALSE(edge_.answered(3, true, 1s, now_)) << "nobody asked for it";
  EXPECT_TRUE(edge_.answered(2, true, 1s, now_));
}

TEST_F(EdgeTest, WhatIsUnderWayWhenTheEdgeGoesIsForTheNeighborsAgain) {
  offer(true);
  for (std::size_t tree = 0; tree < kStripes; ++tree) feed(tree);
  repair_.want(2, now_, now_);
  now_ += 2s;
  ASSERT_EQ(plan(), std::vector<PieceNumber>{2});
  const auto missed = [&] {
    std::vector<PieceNumber> pieces;
    repair_.each_missing([&](PieceNumber piece, Instant, Instant, bool) { pieces.push_back(piece); });
    return pieces;
  };
  EXPECT_TRUE(missed().empty());
  offer(false);
  EXPECT_EQ(missed(), std::vector<PieceNumber>{2});
  EXPECT_FALSE(edge_.answered(2, true, 1s, now_));
}

TEST_F(EdgeTest, WhoStartsHasHisBacklogFromNeighbors) {
  offer(true);
  for (std::size_t tree = 0; tree < kStripes; ++tree) feed(tree);
  repair_.want(2, now_, now_);
  now_ += 5s;
  EXPECT_TRUE(edge_.plan(repair_, feeds_, true, now_).empty());
}

TEST_F(EdgeTest, FetchesAreBoundedAndEndWhenNoAnswerComes) {
  offer(true);
  for (std::size_t tree = 0; tree < kStripes; ++tree) feed(tree);
  for (PieceNumber piece = 0; piece < 100; ++piece) repair_.want(piece, now_, now_);
  now_ += 2s;
  EXPECT_EQ(plan().size(), Edge::kFetchesMax);
  EXPECT_TRUE(plan().empty());
  now_ += 4s;
  EXPECT_EQ(plan().size(), Edge::kFetchesMax) << "the edge did not answer";
  edge_.check_invariants();
}

}  // namespace
}  // namespace p2p::mesh
