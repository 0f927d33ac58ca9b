#include "bandwidth/rolling_sum.hpp"

#include <algorithm>

namespace p2p::mesh {

void RollingSum::add(std::int64_t bytes, Instant now) {
  const std::int64_t step = step_at(now);
  const std::int64_t passed = std::min<std::int64_t>(step - newest_step_, kSteps);
  for (std::int64_t i = 1; i <= passed; ++i) bytes_[static_cast<std::size_t>(newest_step_ + i) % kSteps] = 0;
  // A pause of more than the span clears all; the places are then counted from the new step.
  if (step - newest_step_ >= static_cast<std::int64_t>(kSteps)) bytes_.fill(0);
  newest_step_ = std::max(newest_step_, step);
  bytes_[static_cast<std::size_t>(step) % kSteps] += bytes;
}

std::int64_t RollingSum::sum(Instant now) const {
  std::int64_t total = 0;
  const std::int64_t oldest = step_at(now) - static_cast<std::int64_t>(kSteps) + 1;
  for (std::int64_t step = std::max<std::int64_t>(oldest, newest_step_ - static_cast<std::int64_t>(kSteps) + 1); step <= newest_step_; ++step) {
    if (step >= 0) total += bytes_[static_cast<std::size_t>(step) % kSteps];
  }
  return total;
}

}  // namespace p2p::mesh
