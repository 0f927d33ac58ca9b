#pragma once

#include <algorithm>
#include <cstddef>

#include "base/time.hpp"

namespace p2p::turn {

/// How many bits a second may pass. It keeps one instant: when all that has passed would have been sent at that rate (the generic cell
/// rate algorithm of ITU-T I.371).
///
/// Always holds: over any span t at most rate * (t + kBurst) passes, and one datagram.
class Bandwidth {
 public:
  static constexpr Duration kBurst = 500ms;   // a segment of a few seconds is pushed part by part; this is more than a part

  explicit Bandwidth(std::int64_t bits_per_s) : bits_per_s_{bits_per_s} {}

  [[nodiscard]] bool try_take(std::size_t bytes, Instant now) {
    if (sent_until_ > now) return false;
    const auto micros = static_cast<std::int64_t>(bytes) * 8 * 1'000'000 / bits_per_s_;
    sent_until_ = std::max(sent_until_, now - kBurst) + Duration{micros};
    return true;
  }

 private:
  std::int64_t bits_per_s_;
  Instant sent_until_ = Instant::min();
};

}  // namespace p2p::turn
