#include "base/rope.hpp"

#include <gtest/gtest.h>

namespace p2p {
namespace {

TEST(Rope, JoinsItsStrandsInOrder) {
  Rope rope;
  for (const std::string_view strand : {"moof", "", "mdat"}) rope.append(Payload::copy_of(as_bytes(strand)));
  EXPECT_EQ(rope.size(), 8u);
  EXPECT_EQ(rope.strands().size(), 2u);
  EXPECT_EQ(as_text(rope.joined().view()), "moofmdat");
}

TEST(Rope, OfOneStrandCopiesNothing) {
  const Payload whole = Payload::copy_of(as_bytes("part"));
  const Rope rope = whole;
  EXPECT_EQ(rope.joined().view().data(), whole.view().data());
}

TEST(Rope, OfNothingIsEmpty) {
  EXPECT_TRUE(Rope{}.empty());
  EXPECT_TRUE(Rope{Payload{}}.joined().empty());
}

}  // namespace
}  // namespace p2p
