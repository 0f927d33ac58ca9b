#include "simulator/simulation.hpp"

#include <gtest/gtest.h>

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

TEST(Simulation, TheSameSeedGivesTheSameDigest) {
  const std::uint64_t once = Simulation{small(5), 7}.run().figures.digest;
  EXPECT_EQ((Simulation{small(5), 7}.run().figures.digest), once);
  EXPECT_NE((Simulation{small(5), 8}.run().figures.digest), once);
}

class Small : public testing::TestWithParam<std::tuple<std::uint32_t, std::uint64_t>> {};

TEST_P(Small, EverybodyWatchesAndTheSourceSendsAboutOneCopy) {
  const auto [viewers, seed] = GetParam();
  const Figures figures = Simulation{small(viewers), seed}.run().figures;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  EXPECT_GE(figures.continuity_2s, 0.95);
  EXPECT_EQ(figures.bad_pieces_played, 0u);
  EXPECT_LE(figures.source_copies, 1.5 * figures.source_copies_bound);
  EXPECT_LE(figures.delay_ms_p50, 700);
}

INSTANTIATE_TEST_SUITE_P(Swarms, Small, testing::Combine(testing::Values(2u, 3u, 5u), testing::Values(1u, 2u, 3u)));

}  // namespace
}  // namespace p2p::simulator
