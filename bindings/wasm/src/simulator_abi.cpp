#include "abi.hpp"
#include "simulator/scenario.hpp"
#include "simulator/simulation.hpp"

/// Runs the scenario `small` with so many viewers for so long; its digest is the same as that of the native program.
P2P_EXPORT(simulate_small) std::uint64_t simulate_small(std::uint64_t seed, std::uint32_t viewers, std::uint32_t seconds) {
  p2p::simulator::World world = p2p::simulator::find_scenario("small")->cases.front().world;
  world.viewers = viewers;
  world.length = std::chrono::seconds{seconds};
  return p2p::simulator::Simulation{world, seed}.run().figures.digest;
}
