#pragma once

#include <cstddef>

namespace p2p::bench {

/// What the directory alone takes for one viewer, in microseconds of this process.
struct GrowthOutcome {
  double join_us = 0;        ///< join with its candidates, and leaving again
  double candidates_us = 0;  ///< a query
  double report_us = 0;
};

/// With `peers` viewers there, `room_size` in each stream.
[[nodiscard]] GrowthOutcome measure_growth(std::size_t peers, std::size_t room_size);

}  // namespace p2p::bench
