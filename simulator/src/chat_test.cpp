#include <gtest/gtest.h>

#include <cstdio>

#include "simulator/simulation.hpp"

namespace p2p::simulator {
namespace {

/// Two hundred viewers, half of whom come during the run and some of whom go, over lines that lose packets.
World evening() {
  World world;
  world.viewers = 200;
  world.viewers_before = 20;
  world.arrivals = 25s;
  world.stay_mean = 90s;
  world.measured_from = 10s;
  world.length = 45s;
  world.chat_per_min = 120;
  return world;
}

void expect_everybody_has_all(const Figures& figures) {
  EXPECT_GT(figures.chat_said, 40u);
  EXPECT_EQ(figures.chat_missed, 0.0);
  std::printf("chat: %llu messages, %.1f %% have all, p50 %.0f ms, p95 %.0f ms, p99 %.0f ms, %.0f shouts a minute over %llu links\n", static_cast<unsigned long long>(figures.chat_said), figures.chat_whole * 100,
              figures.chat_ms_p50, figures.chat_ms_p95, figures.chat_ms_p99, figures.chat_shouts_per_min,
              static_cast<unsigned long long>(figures.chat_shout_links));
}

TEST(Chat, EverybodyHasEveryMessageInTheSameOrderWhileViewersComeAndGo) {
  const Figures figures = Simulation{evening(), 1, {.check_every = 64}}.run().figures;
  expect_everybody_has_all(figures);
  EXPECT_EQ(figures.chat_whole, 1.0) << "also what was said before they came: all of the last 100 messages, in the one order";
  EXPECT_EQ(figures.honest_accused, 0u);
}

TEST(Chat, TheServersAbsenceIsNotNoticed) {
  World world = evening();
  world.arrivals = 8s;
  world.faults = {{.kind = Fault::Kind::kServerAway, .at = 12s, .length = 60s}};
  expect_everybody_has_all(Simulation{world, 2, {.check_every = 64}}.run().figures);
}

// 64 messages a second to each of its neighbors, each of another author.
TEST(Chat, ShoutersGetNoMoreThanTheirLinksAllowAndNobodyMissesAWord) {
  World world = evening();
  world.vices = {{Vice::kShout, 1}};
  const Figures figures = Simulation{world, 3, {.check_every = 64}}.run().figures;
  expect_everybody_has_all(figures);
  EXPECT_EQ(figures.honest_accused, 0u);
  // By each link one under the name of who sits there, two more, and one in ten seconds.
  const double seconds = 35;
  EXPECT_GT(figures.chat_shouts_per_min, 0);
  EXPECT_LE(figures.chat_shouts_per_min * seconds / 60, static_cast<double>(figures.chat_shout_links) * (1 + 2 + seconds / 10));
}

TEST(Chat, TheSameSeedTalksAlike) {
  World world = evening();
  world.viewers = 30;
  EXPECT_EQ((Simulation{world, 5}.run().figures.digest), (Simulation{world, 5}.run().figures.digest));
}

}  // namespace
}  // namespace p2p::simulator
