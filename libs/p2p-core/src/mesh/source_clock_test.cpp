#include "mesh/source_clock.hpp"

#include <gtest/gtest.h>

namespace p2p::mesh {
namespace {

constexpr PeerId kA{1}, kB{2}, kLiar{3};
constexpr Duration kSourceAhead = 1h;   // of our clock

WallTime captured_at(Instant local) { return WallTime{local.time_since_epoch() + kSourceAhead}; }

TEST(SourceClock, KnowsNothingBeforeAPieceCame) {
  const SourceClock clock;
  EXPECT_FALSE(clock.known());
  EXPECT_EQ(clock.made_at(captured_at(Instant{5s}), Instant{7s}), Instant{7s});
}

TEST(SourceClock, CountsWhatAPieceWaitedForOnItsWay) {
  SourceClock clock;
  // Each is said to be 100 ms old; one of three came without a queue.
  clock.heard(kA, captured_at(Instant{10s}), 100ms, Instant{10s + 600ms});
  clock.heard(kA, captured_at(Instant{11s}), 100ms, Instant{11s + 100ms});
  clock.heard(kA, captured_at(Instant{12s}), 100ms, Instant{12s + 900ms});
  const Duration age = Instant{12s + 900ms} - clock.made_at(captured_at(Instant{12s}), Instant{12s + 900ms});
  EXPECT_NEAR(static_cast<double>(age / 1ms), 900, 2);
}

TEST(SourceClock, OneLiarAmongThreeDoesNotMoveIt) {
  SourceClock clock;
  clock.heard(kA, captured_at(Instant{10s}), 100ms, Instant{10s + 100ms});
  clock.heard(kB, captured_at(Instant{10s}), 120ms, Instant{10s + 120ms});
  clock.heard(kLiar, captured_at(Instant{10s}), 60s, Instant{10s + 130ms});
  EXPECT_EQ(clock.wall(Instant{20s}), captured_at(Instant{20s}));
}

TEST(SourceClock, FollowsAClockThatRunsSlower) {
  SourceClock clock;
  // 200 ppm over ten minutes are 120 ms.
  for (int s = 0; s <= 600; ++s) {
    const Instant local{std::chrono::seconds{s}};
    clock.heard(kA, WallTime{local.time_since_epoch() + kSourceAhead - Duration{s * 200}}, 50ms, local + 50ms);
  }
  const Duration off = *clock.wall(Instant{600s}) - (captured_at(Instant{600s}) - 120ms);
  EXPECT_LT(std::chrono::abs(off), 2ms);
}

TEST(SourceClock, StandsWhenTheLastNeighborGoes) {
  SourceClock clock;
  clock.heard(kA, captured_at(Instant{10s}), 0ms, Instant{10s});
  clock.gone(kA);
  EXPECT_EQ(clock.wall(Instant{11s}), captured_at(Instant{11s}));
}

}  // namespace
}  // namespace p2p::mesh
