#include "mesh/children.hpp"

#include <gtest/gtest.h>

namespace p2p::mesh {
namespace {

constexpr PeerId kA{1}, kB{2}, kC{3};
constexpr Instant kStart{};
constexpr Children::Capacity kRoomy{.slots = 100};
constexpr Children::Capacity kOneCopy{.slots = 100, .copies_max = 1};

TEST(Children, SlotsAreNeverOversold) {
  Children children;
  const Children::Capacity two{.slots = 2};
  EXPECT_TRUE(children.ask(kA, 0, 0, two, kStart).admitted);
  EXPECT_TRUE(children.ask(kA, 1, 0, two, kStart).admitted);
  EXPECT_FALSE(children.ask(kB, 2, 0, two, kStart).admitted);
  EXPECT_TRUE(children.ask(kB, kManifestTree, 0, two, kStart).admitted) << "manifests cost next to nothing";
  EXPECT_EQ(children.slots_used(), 2u);
}

TEST(Children, ASecondCopyIsSoftAndOnlyForWhoAskedLongInVain) {
  Children children;
  EXPECT_TRUE(children.ask(kA, 0, 0, kOneCopy, kStart).admitted);
  EXPECT_FALSE(children.ask(kB, 0, 0, kOneCopy, kStart).admitted);
  EXPECT_FALSE(children.ask(kB, 0, 0, kOneCopy, kStart + kSoftAfter / 2).admitted);
  const auto late = children.ask(kB, 0, 0, kOneCopy, kStart + kSoftAfter);
  EXPECT_TRUE(late.admitted && late.soft);
}

TEST(Children, TheStrongTakesThePlaceOfTheWeak) {
  Children children;
  (void)children.ask(kA, 0, 0, kOneCopy, kStart);
  (void)children.ask(kB, 0, 0, kOneCopy, kStart);
  (void)children.ask(kB, 0, 0, kOneCopy, kStart + kSoftAfter);
  const auto slots_of = [](PeerId peer) { return peer == kB ? 20 : 2; };
  const auto changes = children.rank(0, 1, slots_of);
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].peer, kB);
  EXPECT_FALSE(changes[0].soft);
  EXPECT_EQ(changes[1].peer, kA);
  EXPECT_TRUE(changes[1].soft);
  EXPECT_TRUE(children.rank(0, 1, slots_of).empty()) << "it does not swing back";
}

TEST(Children, ASoftChildMovesUpWhenTheHardOneLeaves) {
  Children children;
  (void)children.ask(kA, 0, 0, kOneCopy, kStart);
  (void)children.ask(kB, 0, 0, kOneCopy, kStart);
  (void)children.ask(kB, 0, 0, kOneCopy, kStart + kSoftAfter);
  children.peer_gone(kA);
  const auto changes = children.rank(0, 1, [](PeerId) { return 1; });
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].peer, kB);
}

TEST(Children, AnUnsubscribedChildIsServedUpToTheLastPieceItWanted) {
  Children children;
  (void)children.ask(kC, 0, 0, kRoomy, kStart);
  children.unsubscribe(kC, 0, 50, 40);
  EXPECT_TRUE(children.is_child(kC, 0));
  children.drop_finished(50);
  EXPECT_FALSE(children.is_child(kC, 0));
}

}  // namespace
}  // namespace p2p::mesh
