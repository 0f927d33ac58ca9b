#pragma once

#include <vector>

#include "base/time.hpp"
#include "person.hpp"
#include "simulator/world.hpp"

namespace p2p::simulator {

/// What no policy beats by much: the delay of the median viewer when every piece runs down a greedy tree, the fattest peers first, each
/// peer giving a piece as many times as its upload pays for; plus the time the source needs to send a whole part as often as it sends
/// it. `people`: the source first.
[[nodiscard]] Duration delay_bound(const World& world, const std::vector<Person>& people);

}  // namespace p2p::simulator
