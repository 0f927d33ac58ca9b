#include "bandwidth/link_rate.hpp"

#include <algorithm>

namespace p2p::mesh {
namespace {

/// Shorter queues say more about bursts than about the link.
constexpr Duration kSpanMin = 150ms;
/// Losses come and go: a link that has not queued for so long may carry more than it did.
constexpr Duration kDoubtAfter = 5s;
constexpr std::int64_t kRateMax = 1'000'000'000;

}  // namespace

void LinkRate::waiting(std::int64_t bytes, Instant now) {
  const std::int64_t left = sent_ - bytes;
  // Drivers tell what waits when they hand something over, and not each time it has drained: no more than what is new means that the
  // queue was empty in between.
  if (bytes <= sent_ - sent_then_) queueing_ = false;
  sent_then_ = sent_;
  if (queueing_ && now - since_ >= kSpanMin) {
    const std::int64_t seen = (left - left_then_) * 8'000'000 / (now - since_).count();
    rate_ = std::clamp<std::int64_t>(rate_ ? *rate_ + (seen - *rate_) / 4 : seen, 1, kRateMax);
    judged_at_ = now;
    since_ = now;
    left_then_ = left;
  }
  if (bytes > 0 && !queueing_) {
    queueing_ = true;
    since_ = now;
    left_then_ = left;
  }
  if (bytes == 0) queueing_ = false;
  if (rate_ && !queueing_ && now - judged_at_ >= kDoubtAfter) {
    rate_ = std::min(*rate_ * 5 / 4, kRateMax);
    judged_at_ = now;
  }
}

}  // namespace p2p::mesh
