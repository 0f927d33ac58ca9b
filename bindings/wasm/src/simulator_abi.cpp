#include "abi.hpp"
#include "simulator/random_world.hpp"
#include "simulator/scenario.hpp"
#include "simulator/simulation.hpp"

/// Runs the scenario `small` with so many viewers for so long; its digest is the same as that of the native program.
P2P_EXPORT(simulate_small) std::uint64_t simulate_small(std::uint64_t seed, std::uint32_t viewers, std::uint32_t seconds) {
  p2p::simulator::World world = p2p::simulator::find_scenario("small")->cases.front().world;
  world.viewers = viewers;
  world.length = std::chrono::seconds{seconds};
  return p2p::simulator::Simulation{world, seed}.run().figures.digest;
}

/// Runs the world with losses, NATs, faults and perhaps hostile peers that the seed draws.
P2P_EXPORT(simulate_random) std::uint64_t simulate_random(std::uint64_t seed) {
  return p2p::simulator::Simulation{p2p::simulator::random_world(seed), seed}.run().figures.digest;
}
