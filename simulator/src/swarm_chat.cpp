#include "swarm.hpp"

// What viewers of a simulation say to each other.
namespace p2p::simulator {

void Simulation::Impl::carry_out(std::uint32_t, mesh::ChatShown&) {}
void Simulation::Impl::carry_out(std::uint32_t, mesh::ChatHidden&) {}
void Simulation::Impl::carry_out(std::uint32_t, mesh::ChatSent&) {}

}  // namespace p2p::simulator
