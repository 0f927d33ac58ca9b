#include <gtest/gtest.h>

#include "buffer/piece_set.hpp"
#include "buffer/piece_store.hpp"
#include "buffer/reassembly.hpp"

namespace p2p::mesh {
namespace {

TEST(PieceSet, KnowsWhatWasAddedAndForgetsWhatWasDropped) {
  PieceSet set;
  set.add(1'000'000);
  set.add(1'000'070);
  EXPECT_TRUE(set.has(1'000'000));
  EXPECT_FALSE(set.has(1'000'001));
  EXPECT_EQ(set.end(), 1'000'071u);
  set.drop_before(1'000'064);
  EXPECT_FALSE(set.has(1'000'000));
  EXPECT_TRUE(set.has(1'000'070));
}

TEST(PieceSet, ADistantPieceMovesTheWindowInsteadOfGrowingIt) {
  PieceSet set;
  set.add(5);
  set.add(4'000'000'000);
  EXPECT_FALSE(set.has(5));
  EXPECT_TRUE(set.has(4'000'000'000));
}

TEST(PieceStore, TakesABacklogInAnyOrder) {
  PieceStore store;
  const auto held = [] { return PieceStore::Held{.bytes = Payload{Bytes(10)}}; };
  EXPECT_TRUE(store.put(100, held()));
  EXPECT_TRUE(store.put(90, held()));
  EXPECT_FALSE(store.put(90, held()));
  EXPECT_EQ(store.bytes(), 20u);
  store.drop_before(95);
  EXPECT_FALSE(store.has(90));
  EXPECT_FALSE(store.put(91, held())) << "what has left the window does not come back";
  EXPECT_EQ(store.bytes(), 10u);
  store.check_invariants();
}

Payload body(std::size_t size, std::byte fill) { return Payload{Bytes(size, fill)}; }

TEST(Reassembly, PutsFragmentsTogetherInAnyOrder) {
  constexpr auto kFirst = static_cast<std::uint16_t>(wire::kFragmentBytesMax);
  Reassembly reassembly;
  const wire::Fragment tail{.size = kFirst + 100, .piece = 7, .offset = kFirst, .age_ms = 40};
  const wire::Fragment head{.size = kFirst + 100, .piece = 7, .offset = 0, .age_ms = 40};
  EXPECT_FALSE(reassembly.add(tail, body(100, std::byte{2})));
  const auto whole = reassembly.add(head, body(kFirst, std::byte{1}));
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->bytes.size(), kFirst + 100u);
  EXPECT_EQ(whole->bytes.view()[0], std::byte{1});
  EXPECT_EQ(whole->bytes.view().back(), std::byte{2});
  reassembly.check_invariants();
}

TEST(Reassembly, BegunPiecesAreBounded) {
  Reassembly reassembly;
  for (PieceNumber piece = 0; piece < 500; ++piece) {
    const wire::Fragment head{.size = 9000, .piece = piece};
    EXPECT_FALSE(reassembly.add(head, body(wire::kFragmentBytesMax, std::byte{})));
    reassembly.check_invariants();
  }
}

}  // namespace
}  // namespace p2p::mesh
