#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace p2p::mesh {

/// Bytes over the last `span`, in ten steps: what left the span is forgotten a step at a time.
class RollingSum {
 public:
  explicit RollingSum(Duration span) : step_{span / kSteps} {}

  void add(std::int64_t bytes, Instant now);
  [[nodiscard]] std::int64_t sum(Instant now) const;

 private:
  static constexpr std::size_t kSteps = 10;

  [[nodiscard]] std::int64_t step_at(Instant now) const { return now.time_since_epoch() / step_; }

  Duration step_;
  std::int64_t newest_step_ = 0;
  std::array<std::int64_t, kSteps> bytes_{};
};

}  // namespace p2p::mesh
