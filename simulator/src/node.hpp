#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "base/time.hpp"
#include "p2p-core/engine.hpp"
#include "person.hpp"

namespace p2p::simulator {

/// A peer's clock: it started at another time and runs a little fast or slow.
class SkewedClock {
 public:
  SkewedClock() = default;
  SkewedClock(Duration offset, std::int64_t drift_ppm) : offset_us_{offset.count()}, drift_ppm_{drift_ppm} {}

  [[nodiscard]] Instant shown(Instant now) const {
    const std::int64_t us = now.time_since_epoch().count();
    return Instant{Duration{offset_us_ + us + us * drift_ppm_ / 1'000'000}};
  }
  /// The first instant at which it shows at least that.
  [[nodiscard]] Instant when_shown(Instant shown_then) const {
    if (shown_then == kNever) return kNever;
    const std::int64_t us = shown_then.time_since_epoch().count() - offset_us_;
    Instant at{Duration{us - us * drift_ppm_ / (1'000'000 + drift_ppm_) - 2}};
    while (shown(at) < shown_then) at += 1us;
    return at;
  }

 private:
  std::int64_t offset_us_ = 0;
  std::int64_t drift_ppm_ = 0;
};

}  // namespace p2p::simulator
