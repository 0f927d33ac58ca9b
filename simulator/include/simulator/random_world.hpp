#pragma once

#include <cstdint>
#include <string>

#include "simulator/figures.hpp"
#include "simulator/world.hpp"

namespace p2p::simulator {

/// A small world with a few random faults and vices: first they break things, then they stop, and `kRecoveryTime` later everybody
/// who is still there must play. Uploads suffice, or no policy could.
[[nodiscard]] World random_world(std::uint64_t seed);

/// From the end of the last fault until what is measured begins.
inline constexpr Duration kRecoveryTime = 25s;

/// What is wrong after a run of such a world; empty when everybody recovered.
[[nodiscard]] std::string why_not_recovered(const Figures& figures);

}  // namespace p2p::simulator
