#include "simulator/random_world.hpp"

#include <gtest/gtest.h>

#include "simulator/simulation.hpp"
#include "simulator/world_fields.hpp"

namespace p2p::simulator {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define P2P_SLOW_BUILD
#endif
#endif

/// A fixed amount of work, not of time: the same worlds on every machine.
#ifdef P2P_SLOW_BUILD
constexpr std::uint64_t kEventsBudget = 300'000;
#else
constexpr std::uint64_t kEventsBudget = 2'000'000;
#endif
constexpr std::uint64_t kFirstSeed = 1'000;

TEST(RandomWorld, FirstThingsBreakThenEverybodyRecovers) {
  std::uint64_t events = 0;
  for (std::uint64_t seed = kFirstSeed; events < kEventsBudget; ++seed) {
    const Figures figures = Simulation{random_world(seed), seed, {.check_every = 1}}.run().figures;
    events += figures.events;
    EXPECT_EQ(why_not_recovered(figures), "") << "Again: p2p-stream simulate random --seed " << seed;
  }
}

TEST(RandomWorld, IsFixedByItsSeedAndPossible) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    EXPECT_EQ(why_impossible(random_world(seed)), "");
    EXPECT_EQ(describe(random_world(seed)), describe(random_world(seed)));
  }
  EXPECT_NE(describe(random_world(1)), describe(random_world(2)));
}

}  // namespace
}  // namespace p2p::simulator
