#include "directory/token_bucket.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace p2p::directory {

bool TokenBucket::try_take(const Options& options, Instant now) {
  CHECK(now >= filled_at_, "the driver's time went backwards");
  // Beyond this span any bucket is full; it keeps the product small.
  const Duration span = std::min<Duration>(now - filled_at_, 1h);
  microtokens_ = std::min(microtokens_ + span.count() * options.per_s, options.burst * kMicro);
  filled_at_ = now;
  if (microtokens_ < kMicro) return false;
  microtokens_ -= kMicro;
  return true;
}

}  // namespace p2p::directory
