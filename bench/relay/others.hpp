#pragma once

#include <chrono>
#include <cstdint>

#include "base/error.hpp"
#include "courier.hpp"
#include "transport/crypto.hpp"

namespace p2p::bench {

struct Plan {
  std::uint32_t children = 12;
  bool paced = true;                       ///< at the stream's rate; else the next part is made as soon as nobody lags
  std::chrono::seconds measured{20};
  std::int64_t bits_per_s = 3'000'000;     ///< of the stream, and so for each child
};

/// What the relay used and did while it was measured.
struct Outcome {
  Mark used;                               ///< in that time
  double seconds = 0;
  std::uint64_t parts_due = 0;             ///< over all children
  std::uint64_t parts_come = 0;
};

/// Everybody but the relay: a source that only the relay can reach and children that only the relay feeds.
[[nodiscard]] Result<Outcome> run_others(Courier& courier, transport::SigningKey key, const Plan& plan);

}  // namespace p2p::bench
