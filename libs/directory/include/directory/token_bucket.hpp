#pragma once

#include <cstdint>
#include <limits>

#include "base/time.hpp"

namespace p2p::directory {

/// How often something may happen: `per_s` in the long run, `burst` at once.
///
/// Always holds: over any span t at most per_s * t + burst tokens are let through.
///
/// It keeps one number, the time at which it will be full again (the generic cell rate algorithm of ITU-T I.371), as servers have one for
/// each of many clients and events.
class TokenBucket {
 public:
  struct Options {
    std::int32_t per_s;
    std::int32_t burst;
  };

  /// Takes so many if they are there, else none. The options are the caller's, who keeps them once for thousands of buckets.
  [[nodiscard]] bool try_take(const Options& options, Instant now, std::int32_t tokens = 1);

  /// As good as a new one: nothing of it needs to be remembered.
  [[nodiscard]] bool full(Instant now) const { return full_at_ns_ <= nanoseconds(now); }

 private:
  static std::int64_t nanoseconds(Instant at) { return at.time_since_epoch().count() * 1'000; }

  std::int64_t full_at_ns_ = std::numeric_limits<std::int64_t>::min();
};

}  // namespace p2p::directory
