#include "simulator/simulation.hpp"

#include <gtest/gtest.h>

#include "simulator/random_world.hpp"
#include "simulator/scenario.hpp"
#include "simulator/world_fields.hpp"

namespace p2p::simulator {
namespace {

/// Lines that lose nothing, uploads that suffice, no NAT in the way: what goes wrong here is not the network.
World kind_world(std::uint32_t viewers) {
  World world;
  world.viewers = viewers;
  world.arrivals = 5s;
  world.length = 40s;
  world.measured_from = 15s;
  world.stay_mean = 0s;
  world.uploads = {{1, 10'000'000}};
  world.loss_ppm_max = 0;
  world.chromium_percent = 0;
  world.nats = {{1, Nat::kOpen}};
  world.dial_failure_percent = 0;
  return world;
}

/// A bit of everything, for what must hold in any world.
World rough_world() {
  World world;
  world.viewers = 12;
  world.length = 30s;
  world.measured_from = 10s;
  world.arrivals = 4s;
  world.stay_mean = 30s;
  world.vices = {{Vice::kCorrupt, 15}, {Vice::kBoast, 10}};
  world.faults = {{.kind = Fault::Kind::kCrash, .at = 12s, .percent = 20},
                  {.kind = Fault::Kind::kPartition, .at = 13s, .length = 2s, .percent = 40},
                  {.kind = Fault::Kind::kFreeze, .at = 14s, .length = 3s, .percent = 30},
                  {.kind = Fault::Kind::kServerAway, .at = 15s, .length = 5s},
                  {.kind = Fault::Kind::kScramble, .at = 16s, .length = 4s, .percent = 100, .amount = 200}};
  return world;
}

TEST(Simulation, TheSameSeedGivesTheSameRunAndAnotherSeedAnother) {
  for (const World& world : {kind_world(5), rough_world()}) {
    const Figures once = Simulation{world, 7}.run().figures;
    const Figures again = Simulation{world, 7}.run().figures;
    EXPECT_EQ(once.digest, again.digest);
    EXPECT_EQ(once.events, again.events);
    EXPECT_EQ(once.delay_ms_p95, again.delay_ms_p95);
    EXPECT_NE((Simulation{world, 8}.run().figures.digest), once.digest);
  }
}

TEST(Simulation, PeopleGivenOneByOneComeAsTheyAreWhateverTheSeed) {
  World world = kind_world(2);
  world.people = {{.upload_bits_per_s = 8'000'000},
                  {.joins = 2s, .upload_bits_per_s = 8'000'000},
                  {.joins = 4s, .upload_bits_per_s = 700'000, .x_ppm = 1'000'000, .y_ppm = 1'000'000}};
  for (const std::uint64_t seed : {1u, 2u}) {
    const Outcome outcome = Simulation{world, seed, {.trace = 2}}.run();
    ASSERT_FALSE(outcome.trace.empty());
    EXPECT_EQ(outcome.trace.front(), "   4.000  joins: upload 700 kbit/s, native");
    EXPECT_EQ(outcome.figures.viewers, 2u);
    EXPECT_EQ(outcome.figures.continuity_1s, 1);
  }
}

TEST(Simulation, ALineThatMayQueueLittleLosesWhatIsTooMuch) {
  World world = kind_world(6);
  const Figures unbounded = Simulation{world, 1}.run().figures;
  world.line_queue = 10s;
  EXPECT_EQ((Simulation{world, 1}.run().figures.digest), unbounded.digest) << "a queue that is never full";
  world.line_queue = 20ms;   // two pieces
  EXPECT_LT((Simulation{world, 1}.run().figures.continuity_2s), 0.5);
}

TEST(Simulation, WatchingItClosestChangesNothing) {
  const std::uint64_t digest = Simulation{rough_world(), 3, {.check_every = 0}}.run().figures.digest;
  const Outcome traced = Simulation{rough_world(), 3, {.check_every = 1, .trace = 2}}.run();
  EXPECT_EQ(traced.figures.digest, digest);
  EXPECT_FALSE(traced.trace.empty());
}

class Small : public testing::TestWithParam<std::tuple<std::uint32_t, std::uint64_t>> {};

TEST_P(Small, EverybodyWatchesAndTheSourceSendsAboutOneCopy) {
  const auto [viewers, seed] = GetParam();
  const Figures figures = Simulation{kind_world(viewers), seed}.run().figures;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  EXPECT_GE(figures.continuity_2s, 0.95);
  EXPECT_EQ(figures.bad_pieces_played, 0u);
  EXPECT_LE(figures.source_copies, 1.5 * figures.source_copies_bound);
  EXPECT_LE(figures.delay_ms_p50, 700);
}

INSTANTIATE_TEST_SUITE_P(Swarms, Small, testing::Combine(testing::Values(2u, 3u, 5u), testing::Values(1u, 2u, 3u)));

TEST(Simulation, WhatPollutersSendIsNeitherPlayedNorPassedOn) {
  World world = kind_world(10);
  world.vices = {{Vice::kCorrupt, 30}};
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const Figures figures = Simulation{world, seed}.run().figures;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    EXPECT_EQ(figures.bad_pieces_played, 0u);
    EXPECT_EQ(figures.bad_pieces_relayed, 0u);
    EXPECT_EQ(figures.honest_accused, 0u);
  }
}

// Several of its pieces may be with the driver, to be hashed, when the first turns out to be bad.
TEST(Simulation, APolluterIsAccusedOnceByEachVictim) {
  World world = find_scenario("poison")->cases.front().world;
  world.viewers = 20;
  world.arrivals = 4s;
  world.length = 10s;
  world.measured_from = 0s;
  EXPECT_EQ((Simulation{world, 20}.run().figures.polluters_met_twice), 0u);
}

TEST(Simulation, ALineThatDoesNotCarryTheStreamGetsARenditionThatItCarries) {
  World world = kind_world(8);
  world.renditions = 4;
  world.slow_download_percent = 30;
  world.length = 70s;
  world.measured_from = 30s;
  const Figures figures = Simulation{world, 1}.run().figures;
  world.renditions = 1;
  const Figures without = Simulation{world, 1}.run().figures;
  EXPECT_GE(figures.rendition_over_oracle, 0.6);
  EXPECT_GE(figures.continuity_3s, 0.97);
  EXPECT_LT(without.continuity_3s, 0.9) << "the line alone would do";
  EXPECT_EQ(figures.honest_accused, 0u);
}

TEST(Simulation, TheEdgeGivesWhatUploadsLack) {
  World world = kind_world(8);
  world.uploads = {{100, 500'000}};   // nobody passes anything on, and the source feeds three or four
  world.edge = true;
  world.length = 40s;
  world.measured_from = 20s;
  const Figures with = Simulation{world, 1}.run().figures;
  EXPECT_GE(with.continuity_3s, 0.99);
  EXPECT_GT(with.edge_over_deficit, 0.5);
  EXPECT_LT(with.edge_over_deficit, 4);
  world.edge = false;
  EXPECT_LT((Simulation{world, 1}.run().figures.continuity_3s), 0.9) << "uploads alone would do";
}

TEST(Simulation, TheBaselinePullsWholeSegmentsSoItIsSlowerThanASegment) {
  const Figures figures = Simulation{kind_world(6), 1, {.policy = Policy::kBaseline}}.run().figures;
  EXPECT_GE(figures.delay_ms_p50, 1000);
  EXPECT_GE(figures.playing_at_end, 1.0);
  EXPECT_GT(figures.share_from_peers, 0.2);
}

TEST(Scenarios, EachWorldCanBeSimulatedAndEachTargetHasAUnit) {
  for (const Scenario& scenario : scenarios()) {
    EXPECT_EQ(find_scenario(scenario.name), &scenario);
    EXPECT_FALSE(scenario.cases.empty());
    for (const Scenario::Case& one : scenario.cases) EXPECT_EQ(why_impossible(one.world), "") << scenario.name;
    EXPECT_TRUE(!scenario.targets.empty() || !scenario.not_yet.empty()) << scenario.name;
  }
  EXPECT_EQ(find_scenario("nothing"), nullptr);
}

}  // namespace
}  // namespace p2p::simulator
