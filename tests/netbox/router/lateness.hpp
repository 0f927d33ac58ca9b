#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace p2p::netbox {

/// How much later than due packets were handed over, so that a run can say what its machine was able to do.
class Lateness {
 public:
  void add(Duration late);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// In microseconds, at most an eighth too much. `share` in 0 to 1.
  [[nodiscard]] std::int64_t percentile_us(double share) const;
  [[nodiscard]] std::int64_t max_us() const { return max_us_; }

 private:
  // Each octave in eight steps; 2^40 us are two weeks.
  static constexpr std::size_t kSteps = 8;
  std::array<std::uint64_t, 41 * kSteps> buckets_{};
  std::uint64_t count_ = 0;
  std::int64_t max_us_ = 0;
};

}  // namespace p2p::netbox
