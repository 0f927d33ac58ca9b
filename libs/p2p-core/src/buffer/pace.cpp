#include "buffer/pace.hpp"

#include <algorithm>

namespace p2p::mesh {
namespace {

/// How long a late part is remembered: one that happens twice a minute should not stop the picture twice a minute. What happens
/// more seldom shows by stalls; each makes it longer, and quiet of twice its length makes it shorter again.
constexpr Duration kWindowMin = 30s;
constexpr Duration kWindowMax = 5min;
constexpr int kWindowGrows = 3;
constexpr std::uint32_t kPartsEnough = 5;
/// Decoding, and what timers of a busy page are late by. Each stall says that it was too little.
constexpr Duration kMarginMin = 150ms;
constexpr Duration kMarginMax = 1'500ms;
constexpr Duration kMarginMore = 150ms;
constexpr Duration kMarginLess = 50ms;
constexpr Duration kCalm = 20s;
/// So little off is left alone: setting a rate costs the player more than the precision is worth.
constexpr Duration kTolerance = 40ms;
constexpr std::int64_t kRateStep = 10;
constexpr std::int64_t kRatePermillePerS = 400;   ///< a quarter of a second too late is mended at 1.1
/// A jump is seen: who has just come is spared a minute of playing fast, who has settled jumps only when he was away for a while.
constexpr Duration kArriving = 8s;
constexpr Duration kJumpArriving = 700ms;
constexpr Duration kJumpSettled = 3s;
constexpr Duration kJumpBalanced = 8s;

}  // namespace

void Pace::part_came(Duration delay, Duration length, Instant now) {
  length_ = length;
  parts_ = std::min(parts_ + 1, kPartsEnough);
  while (!late_.empty() && late_.back().delay <= delay) late_.pop_back();
  late_.push_back({now, delay});
  while (late_.size() > kPartsMax || now - late_.front().at > window_) late_.pop_front();
}

std::optional<Duration> Pace::target() const {
  if (parts_ < kPartsEnough) return std::nullopt;
  // A part must be whole when the playhead comes to its begin, and its capture ended a part's length later.
  const Duration least = late_.front().delay + length_ + margin_;
  return latency_ == Latency::kBalanced ? std::max(least, kBalancedTarget) : least;
}

Duration Pace::least_buffer() const { return length_ + margin_; }

void Pace::mind_stalls(const Seen& seen, Instant now) {
  if (seen.stalled && !stalled_) {
    margin_ = std::min(margin_ + kMarginMore, kMarginMax);
    // What comes with the first picture says nothing of what follows.
    if (now - *began_at_ > kArriving) window_ = std::min(window_ * kWindowGrows, kWindowMax);
    calm_since_ = stalled_at_ = now;
  } else if (!seen.stalled && now - calm_since_ > kCalm) {
    margin_ = std::max(margin_ - kMarginLess, kMarginMin);
    calm_since_ = now;
  }
  if (window_ > kWindowMin && now - stalled_at_ > 2 * window_) {
    window_ = std::max(window_ / kWindowGrows, kWindowMin);
    stalled_at_ = now;
  }
  stalled_ = seen.stalled;
}

Pace::Verdict Pace::look(const Seen& seen, Instant now) {
  if (!began_at_) began_at_ = calm_since_ = now;
  if (!seen.playing) return {};
  mind_stalls(seen, now);
  const std::optional<Duration> wanted = target();
  if (!wanted || seen.stalled) return {};
  const Duration too_late = seen.behind - *wanted;
  const Duration jump_over = latency_ == Latency::kBalanced ? kJumpBalanced : now - *began_at_ < kArriving ? kJumpArriving : kJumpSettled;
  // What is not here yet cannot be jumped to.
  const Duration spare = seen.buffered - least_buffer();
  if (too_late > jump_over && spare > jump_over) return {.jump_to = seen.buffered - std::min(too_late, spare)};
  if (std::chrono::abs(too_late) < kTolerance || (too_late > 0ms && spare <= 0ms)) return {};
  const std::int64_t off = too_late / 1ms * kRatePermillePerS / 1'000 / kRateStep * kRateStep;
  return {.rate_permille = static_cast<std::uint16_t>(std::clamp<std::int64_t>(1'000 + off, kRateMin, kRateMax))};
}

Pace::Verdict Pace::to_live(const Seen& seen) const {
  const Duration spare = seen.buffered - least_buffer();
  const std::optional<Duration> wanted = target();
  const Duration too_late = wanted ? seen.behind - *wanted : spare;
  if (spare <= 0ms || too_late <= 0ms) return {};
  return {.jump_to = seen.buffered - std::min(too_late, spare)};
}

}  // namespace p2p::mesh
