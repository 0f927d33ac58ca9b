#include <gtest/gtest.h>

#include "p2p-core/engine.hpp"
#include "testing/mini_swarm.hpp"

namespace p2p::mesh {
namespace {

using testing::MiniSwarm;

/// docs/mesh.md, "Roles".
TEST(Limits, ASourceHasAtMostTwentyLinksAndAViewerSixteen) {
  MiniSwarm swarm;
  const PeerId source = swarm.add_source({.connections_max = 20});
  std::vector<PeerId> viewers;
  std::size_t most_of_source = 0;
  std::size_t most_of_viewers = 0;
  for (int i = 0; i < 45; ++i) {
    viewers.push_back(swarm.add_viewer());
    swarm.stream_for(500ms);
    most_of_source = std::max(most_of_source, swarm.stats(source).neighbors.size());
    for (const PeerId viewer : viewers) most_of_viewers = std::max(most_of_viewers, swarm.stats(viewer).neighbors.size());
  }
  EXPECT_EQ(most_of_source, 20u) << "so many came, and no more";
  EXPECT_GT(most_of_viewers, 8u);
  EXPECT_LE(most_of_viewers, 16u);
  for (const PeerId viewer : viewers) EXPECT_GT(swarm.stats(viewer).parts_played, 0u) << "whom the source has no room for is fed by others";
}

TEST(Limits, WhoGivesNothingIsALeafAndFeedsNobody) {
  MiniSwarm swarm;
  swarm.add_source({.connections_max = 4});
  swarm.stream_for(1s);
  const PeerId leaf = swarm.add_viewer({.giving = false});
  std::vector<PeerId> viewers;
  for (int i = 0; i < 8; ++i) viewers.push_back(swarm.add_viewer());
  swarm.stream_for(10s);
  EXPECT_EQ(swarm.stats(leaf).role, Role::kLeaf);
  EXPECT_EQ(swarm.stats(leaf).given_bytes, 0u);
  for (const PeerId viewer : viewers) EXPECT_GT(swarm.stats(viewer).parts_played, 0u);
}

}  // namespace
}  // namespace p2p::mesh
