#include <gtest/gtest.h>

#include "testing/mini_swarm.hpp"

namespace p2p::mesh {
namespace {

using testing::MiniSwarm;

TEST(EngineResuming, ViewersGoOnWithASourceThatWasStartedAnewAndCountsOn) {
  MiniSwarm swarm;
  swarm.bits_per_s = {1'000'000, 300'000};
  swarm.add_source();
  const std::vector viewers{swarm.add_viewer(), swarm.add_viewer()};
  swarm.stream_for(6s);
  swarm.restart_source(true);
  swarm.stream_for(10s);
  for (const PeerId viewer : viewers) {
    const std::vector<PlayPart>& played = swarm.peers.at(viewer).played;
    EXPECT_GE(played.back().part.id.segment, 6u);
    EXPECT_LT(swarm.now.time_since_epoch() - played.back().part.captured.time_since_epoch(), 4s);
    EXPECT_LE(swarm.stats(viewer).parts_skipped, 10u) << "what the source made last may have gone with it, and no more";
    EXPECT_TRUE(swarm.peers.at(viewer).misbehaved.empty());
  }
}

}  // namespace
}  // namespace p2p::mesh
