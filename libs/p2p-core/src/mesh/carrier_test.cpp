#include "mesh/carrier.hpp"

#include <gtest/gtest.h>

namespace p2p::mesh {
namespace {

constexpr PeerId kAda{1}, kBob{2}, kRelay{3}, kOther{4};

TEST(Carrier, AnswersGoBackTheWayThatTheOfferCame) {
  Carrier carrier{Instant{}};
  EXPECT_FALSE(carrier.route(kAda, Instant{}));
  carrier.use(kAda, kRelay, Instant{});
  EXPECT_EQ(carrier.route(kAda, Instant{} + 10s), kRelay);
  carrier.use(kAda, kOther, Instant{} + 11s);
  EXPECT_EQ(carrier.route(kAda, Instant{} + 12s), kOther);
}

TEST(Carrier, AWayEndsWithItsNeighborOrItsTime) {
  Carrier carrier{Instant{}};
  carrier.use(kAda, kRelay, Instant{});
  carrier.use(kBob, kOther, Instant{});
  carrier.neighbor_gone(kRelay);
  EXPECT_FALSE(carrier.route(kAda, Instant{}));
  EXPECT_EQ(carrier.route(kBob, Instant{} + Carrier::kRouteFor), kOther);
  EXPECT_FALSE(carrier.route(kBob, Instant{} + Carrier::kRouteFor + 1ms));
}

TEST(Carrier, WaysAreBoundedAndTheOldestMakesRoom) {
  Carrier carrier{Instant{}};
  for (std::size_t i = 0; i <= Carrier::kRoutesMax; ++i) carrier.use(PeerId{100 + i}, kRelay, Instant{} + i * 1ms);
  carrier.check_invariants();
  EXPECT_FALSE(carrier.route(PeerId{100}, Instant{} + 1s));
  EXPECT_EQ(carrier.route(PeerId{100 + Carrier::kRoutesMax}, Instant{} + 1s), kRelay);
}

TEST(Carrier, ANeighborMaySendItsBurstAndThenItsRate) {
  Carrier carrier{Instant{}};
  const auto admitted = [&](PeerId neighbor, Instant now) {
    std::int64_t bytes = 0;
    while (carrier.admit(neighbor, 1024, now)) bytes += 1024;
    return bytes;
  };
  EXPECT_EQ(admitted(kAda, Instant{}), Carrier::kBurstBytes);
  EXPECT_EQ(admitted(kAda, Instant{}), 0);
  EXPECT_EQ(admitted(kBob, Instant{}), Carrier::kBurstBytes) << "another has a share of its own";
  EXPECT_EQ(admitted(kAda, Instant{} + 2s), 7 * 1024);
}

TEST(Carrier, AllNeighborsTogetherHaveABoundToo) {
  Carrier carrier{Instant{}};
  std::int64_t bytes = 0;
  for (std::uint64_t neighbor = 10; neighbor < 30; ++neighbor) {
    while (carrier.admit(PeerId{neighbor}, 2048, Instant{})) bytes += 2048;
  }
  EXPECT_EQ(bytes, Carrier::kBurstBytesAll);
}

TEST(Carrier, ManySmallSignalsAreNoCheaper) {
  Carrier carrier{Instant{}};
  std::int64_t count = 0;
  while (carrier.admit(kAda, 1, Instant{})) ++count;
  EXPECT_EQ(count, Carrier::kBurstBytes / Carrier::kPriceMin);
}

}  // namespace
}  // namespace p2p::mesh
