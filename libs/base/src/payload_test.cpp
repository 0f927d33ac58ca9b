#include "base/payload.hpp"

#include <gtest/gtest.h>

namespace p2p {
namespace {

TEST(Payload, ASliceOutlivesTheWhole) {
  Payload slice;
  {
    const Payload whole = Payload::copy_of(as_bytes("segment part piece"));
    slice = whole.slice(8, 4);
  }
  EXPECT_EQ(as_text(slice.view()), "part");
}

TEST(Payload, ASliceOfASliceCountsFromIt) {
  const Payload slice = Payload::copy_of(as_bytes("0123456789")).slice(2, 6).slice(1, 3);
  EXPECT_EQ(as_text(slice.view()), "345");
}

TEST(PayloadDeathTest, ASliceBeyondTheEndIsABug) {
  const Payload whole = Payload::copy_of(as_bytes("abc"));
  EXPECT_DEATH((void)whole.slice(2, 2), "outside of its payload");
}

}  // namespace
}  // namespace p2p
