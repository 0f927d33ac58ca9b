#include "directory/token_bucket.hpp"

#include <algorithm>

namespace p2p::directory {

bool TokenBucket::try_take(const Options& options, Instant now, std::int32_t tokens) {
  const std::int64_t token_ns = (1'000'000'000 + options.per_s - 1) / options.per_s;  // rounded up: never more than promised
  const std::int64_t now_ns = nanoseconds(now);
  const std::int64_t full_at_ns = std::max(full_at_ns_, now_ns) + tokens * token_ns;
  if (full_at_ns - now_ns > options.burst * token_ns) return false;
  full_at_ns_ = full_at_ns;
  return true;
}

}  // namespace p2p::directory
