#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace p2p::directory {

/// How often something may happen: `per_s` in the long run, `burst` at once.
///
/// Always holds: over any span t at most per_s * t + burst are let through.
class TokenBucket {
 public:
  struct Options {
    std::int32_t per_s;
    std::int32_t burst;
  };

  TokenBucket(Options options, Instant now) : filled_at_{now}, microtokens_{options.burst * kMicro} {}

  /// Takes one if there is one. The options are the caller's, who keeps them once for thousands of buckets.
  [[nodiscard]] bool try_take(const Options& options, Instant now);

 private:
  static constexpr std::int64_t kMicro = 1'000'000;

  Instant filled_at_;
  std::int64_t microtokens_;  // a microsecond at one a second is one of them, so nothing is lost to rounding
};

}  // namespace p2p::directory
