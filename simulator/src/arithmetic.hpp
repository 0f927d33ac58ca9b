#pragma once

#include <cstdint>

#include "base/prng.hpp"
#include "base/time.hpp"

namespace p2p::simulator {

// Integer arithmetic for what feeds decisions: std::sqrt, std::log and std::exponential_distribution may differ in the last bit from
// one platform to the next, and one bit is another run.

[[nodiscard]] std::int64_t square_root(std::int64_t value);

/// Exponential with that mean, to a few parts in ten thousand, at most 15 times the mean.
[[nodiscard]] Duration draw_exponential(Duration mean, Prng& prng);

/// The same for the same three numbers, as if drawn: what a pair of peers has in common need not be kept for each pair.
[[nodiscard]] std::uint64_t mixed(std::uint64_t seed, std::uint64_t a, std::uint64_t b);

[[nodiscard]] Duration time_on_line(std::int64_t bytes, std::int64_t bits_per_s);

}  // namespace p2p::simulator
