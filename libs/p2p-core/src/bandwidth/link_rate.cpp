#include "bandwidth/link_rate.hpp"

#include <algorithm>

namespace p2p::mesh {
namespace {

/// Shorter queues say more about bursts, and about a machine that is busy for a moment, than about the link.
constexpr Duration kSpanMin = 250ms;
/// So many such spans without an empty queue make the first evidence.
constexpr int kSpansMin = 2;
/// Losses come and go: a link that has not queued for so long may carry more than it did.
constexpr Duration kDoubtAfter = 5s;
/// What leaves within so much time is not a queue of a link that is full, but one that takes a moment to send: it keeps up.
constexpr Duration kQueueMin = 100ms;
constexpr Duration kCarriedSpan = 1s;
constexpr std::int64_t kRateMax = 1'000'000'000;

}  // namespace

/// What a link has carried it can carry: a machine that stood still for a second leaves a rate of nothing, which would last.
void LinkRate::carried(std::int64_t left, Instant now) {
  const Duration span = now - carried_since_;
  if (left >= carried_left_ && span < kCarriedSpan) return;
  if (rate_ && left > carried_left_ && span < 2 * kCarriedSpan) {
    const std::int64_t seen = (left - carried_left_) * 8'000'000 / span.count();
    if (seen > *rate_) {
      rate_ = std::min(seen, kRateMax);
      judged_at_ = now;
    }
  }
  carried_left_ = left;
  carried_since_ = now;
}

void LinkRate::waiting(std::int64_t bytes, Instant now) {
  const std::int64_t left = sent_ - bytes;
  carried(left, now);
  // Drivers tell what waits when they hand something over, and not each time it has drained: no more than what is new means that the
  // queue was empty in between.
  if (bytes <= sent_ - sent_then_) end_queue();
  sent_then_ = sent_;
  // What has left does not come back: the driver had told before it was handed everything.
  if (queueing_ && left < left_then_) {
    since_ = now;
    left_then_ = left;
  }
  if (queueing_ && now - since_ >= kSpanMin) {
    const std::int64_t seen = (left - left_then_) * 8'000'000 / (now - since_).count();
    const bool full = bytes * 8'000'000 >= seen * kQueueMin.count();
    spans_ = full ? spans_ + 1 : 0;
    if (spans_ >= kSpansMin) {
      rate_ = std::clamp<std::int64_t>(rate_ ? *rate_ + (seen - *rate_) / 4 : seen, 1, kRateMax);
      judged_at_ = now;
    } else if (!full && rate_ && seen > *rate_) {
      rate_ = std::min(seen, kRateMax);
      judged_at_ = now;
    }
    since_ = now;
    left_then_ = left;
  }
  if (bytes > 0 && !queueing_) {
    queueing_ = true;
    since_ = now;
    left_then_ = left;
  }
  if (bytes == 0) end_queue();
  if (rate_ && !queueing_ && now - judged_at_ >= kDoubtAfter) {
    rate_ = std::min(*rate_ * 5 / 4, kRateMax);
    judged_at_ = now;
  }
}

void LinkRate::widened(std::uint32_t from, std::uint32_t to) {
  if (rate_) rate_ = std::clamp<std::int64_t>(*rate_ * to / from, 1, kRateMax);
  end_queue();
}

}  // namespace p2p::mesh
