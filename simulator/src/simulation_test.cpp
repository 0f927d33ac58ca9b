#include "simulator/simulation.hpp"

#include <gtest/gtest.h>

#include "simulator/random_world.hpp"

namespace p2p::simulator {
namespace {

World small(std::uint32_t viewers) {
  World world;
  world.viewers = viewers;
  world.arrivals = 5s;
  world.length = 60s;
  world.measured_from = 10s;
  world.stay_mean = 0s;
  return world;
}

/// Near each other, on good lines, without loss, without NATs that keep them apart.
World calm(std::uint32_t viewers) {
  World world = small(viewers);
  world.uploads = {{1, 10'000'000}};
  world.nats = {{1, Nat::kOpen}};
  world.latency_min = 5ms;
  world.latency_max = 20ms;
  world.loss_ppm_min = world.loss_ppm_max = 0;
  world.dial_failure_percent = 0;
  return world;
}

TEST(Simulation, TheSameSeedGivesTheSameDigest) {
  const std::uint64_t once = Simulation{small(5), 7}.run().figures.digest;
  EXPECT_EQ((Simulation{small(5), 7}.run().figures.digest), once);
  EXPECT_NE((Simulation{small(5), 8}.run().figures.digest), once);
}

class Small : public testing::TestWithParam<std::tuple<std::uint32_t, std::uint64_t>> {};

TEST_P(Small, OnGoodLinesEverybodyWatchesAndTheSourceSendsAboutOneCopy) {
  const auto [viewers, seed] = GetParam();
  const Figures figures = Simulation{calm(viewers), seed}.run().figures;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  EXPECT_GE(figures.continuity_2s, 0.95);
  EXPECT_EQ(figures.bad_pieces_played, 0u);
  EXPECT_LE(figures.source_copies, 1.5 * figures.source_copies_bound);
  EXPECT_LE(figures.delay_ms_p50, 700);
}

INSTANTIATE_TEST_SUITE_P(Swarms, Small, testing::Combine(testing::Values(2u, 3u, 5u), testing::Values(1u, 2u, 3u)));

/// Small worlds that first go wrong and then are left alone. `simulate random` runs as many as one likes; these are a fixed budget of work.
TEST(Random, WhoIsStillThereWhenTheFaultsHaveEndedPlaysAgain) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const Outcome outcome = Simulation{random_world(seed), seed, {.check_every = 1}}.run();
    EXPECT_EQ(why_not_recovered(outcome.figures), "") << "p2p-stream simulate random --seed " << seed;
  }
}

}  // namespace
}  // namespace p2p::simulator
