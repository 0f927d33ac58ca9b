#include "lateness.hpp"

#include <algorithm>
#include <bit>

namespace p2p::netbox {

void Lateness::add(Duration late) {
  const std::int64_t us = std::max<std::int64_t>(late.count(), 0);
  const auto value = static_cast<std::uint64_t>(us) + kSteps;   // so that the first octave is exact
  const auto octave = static_cast<std::size_t>(std::bit_width(value)) - 4;
  const std::size_t step = (value >> octave) - kSteps;
  ++buckets_[std::min(octave * kSteps + step, buckets_.size() - 1)];
  ++count_;
  max_us_ = std::max(max_us_, us);
}

std::int64_t Lateness::percentile_us(double share) const {
  const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen <= wanted) continue;
    const std::size_t octave = i / kSteps;
    const std::uint64_t upper = ((i % kSteps + kSteps + 1) << octave) - 1;
    return std::min(static_cast<std::int64_t>(upper - kSteps), max_us_);
  }
  return max_us_;
}

}  // namespace p2p::netbox
