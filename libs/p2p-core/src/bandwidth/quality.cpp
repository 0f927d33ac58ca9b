#include "bandwidth/quality.hpp"

#include <algorithm>
#include <utility>

#include "mesh/stripes.hpp"

namespace p2p::mesh {
namespace {

/// A key part is a burst: on a line that carries the stream with little to spare it queues for up to half a second, once in each segment. A queue
/// that grows beyond that in three looks, or that is there in all looks of a segment, is a line that is full; so much at once needs no other look.
constexpr Duration kQueueGrows = 600ms;
constexpr std::uint32_t kLooksGrow = 3;
constexpr Duration kQueueLasts = 300ms;
constexpr std::uint32_t kLooksLast = 3s / Quality::kEvery;
constexpr Duration kQueueLong = 1200ms;
/// While two renditions come.
constexpr Duration kQueueTooLong = 1500ms;
/// A probe fills the line on purpose and ends before anybody notices.
constexpr Duration kQueueProbe = 600ms;
constexpr Duration kProbeFor = 2s;
constexpr Duration kProbeMax = 6s;
constexpr Duration kDrains = 4s;
/// So much less than the rendition takes, for so long, and late: the line is full, wherever the rest waits or was dropped.
constexpr std::int64_t kShortPercent = 75;
constexpr std::uint32_t kLooksShort = 1500ms / Quality::kEvery;
/// Without a queue, a change or a part lost; a newcomer knows nothing yet that would make it wait.
constexpr Duration kCalm = 4s;
constexpr Duration kCalmFirst = 1500ms;
/// From capture to playable: a round trip of a link and a retransmission more than usual.
constexpr Duration kPartLate = 1200ms;
constexpr Duration kLateRemembered = 15s;
/// Repairs and what comes twice.
constexpr std::int64_t kRepairsPercent = 103;
/// Of what the line carried.
constexpr std::int64_t kFitsPercent = 80;
constexpr Duration kFallLasts = 15s;   ///< what is seen within it is one fall
constexpr Duration kTrustMin = 20s;
constexpr Duration kTrustMax = 5min;
constexpr int kTrustGrows = 4;
/// A line that fell far may be one that falls: the more often it did of late, the longer it is taken for one.
constexpr Duration kFallsForFirst = 30s;
constexpr Duration kFallsForMax = 10min;
constexpr int kFallsForGrows = 4;
constexpr std::int64_t kFallTimes = 2;
constexpr Duration kFailedFor = 40s;
constexpr std::uint32_t kLooksUnfed = 4s / Quality::kEvery;

bool fits(const Quality::Option& option, std::int64_t bits_per_s) { return option.bits_per_s * kRepairsPercent <= bits_per_s * kFitsPercent; }

std::string in_kbit(std::int64_t bits_per_s) { return std::to_string(bits_per_s / 1000) + " kbit/s"; }

}  // namespace

void Quality::measure(const Seen& seen, std::int64_t present_bits_per_s, Instant now) {
  if (calm_since_ == Instant{}) calm_since_ = now;
  const bool lacks = seen.fed && seen.late && seen.received_bits_per_s * 100 < present_bits_per_s * kShortPercent;
  short_looks_ = lacks ? short_looks_ + 1 : 0;
  if (lacks) calm_since_ = now;
  unfed_looks_ = seen.fed ? 0 : unfed_looks_ + 1;
  if (seen.skipped > 0) calm_since_ = now;
  if (!seen.queue) growing_looks_ = 0;
  if (!seen.queue) return;
  growing_looks_ = *seen.queue > queue_ ? growing_looks_ + 1 : 0;
  queue_ = *seen.queue;
  queued_looks_ = queue_ > kQueueLasts ? queued_looks_ + 1 : 0;
  if (queue_ > kQueueGrows || queued_looks_ >= kLooksLast) calm_since_ = now;
}

bool Quality::full(const Seen& seen, Instant now) const {
  if (short_looks_ >= kLooksShort) return true;
  // One that drains is of what was sent before.
  if (growing_looks_ == 0 || (now < drains_until_ && queue_ < kQueueTooLong)) return false;
  return queue_ > kQueueLong || (queue_ > kQueueGrows && growing_looks_ >= kLooksGrow) || queued_looks_ >= kLooksLast ||
         (seen.skipped > 0 && queue_ > kQueueGrows);
}

void Quality::part_came(Duration delay, Instant now) {
  const bool late = delay > kPartLate;
  if (late && !late_) late_before_ = std::exchange(late_at_, now);
  late_ = late;
}

bool Quality::steady(Instant now) const { return !late_before_ || now - *late_before_ > kLateRemembered; }

bool Quality::carries(std::int64_t bits_per_s) const { return !limit_bits_per_s_ || fits({.id = {}, .bits_per_s = bits_per_s}, *limit_bits_per_s_); }

bool Quality::may_try(const Option& option, Instant now) const {
  if (failed_ == option.id && now < failed_until_) return false;
  if (limit_bits_per_s_ && now - limit_at_ < trust_ && !fits(option, *limit_bits_per_s_)) return false;
  return !fell_to_ || now - fell_at_ >= falls_for_ || fits(option, *fell_to_ * kFallTimes);
}

void Quality::fell(std::int64_t bits_per_s, Instant now) {
  const bool again = fell_to_ && now - fell_at_ < kFallsForMax;
  if (!again) falls_for_ = kFallsForFirst;
  else if (now - fell_at_ > kFallLasts) falls_for_ = std::min<Duration>(falls_for_ * kFallsForGrows, kFallsForMax);
  fell_to_ = again ? std::min(*fell_to_, bits_per_s) : bits_per_s;
  fell_at_ = now;
}

void Quality::carried(std::int64_t bits_per_s, bool of_more, Instant now) {
  const bool again = limit_bits_per_s_ && bits_per_s * 10 > *limit_bits_per_s_ * 7 && bits_per_s * 7 < *limit_bits_per_s_ * 10;
  if (!again) trust_ = kTrustMin;
  else if (of_more) trust_ = std::min<Duration>(trust_ * kTrustGrows, kTrustMax);
  limit_bits_per_s_ = bits_per_s;
  limit_at_ = now;
}

void Quality::failed(RenditionId rendition, Instant now) {
  failed_ = rendition;
  failed_until_ = now + kFailedFor;
}

Quality::Verdict Quality::look(std::vector<Option> options, RenditionId present, const std::optional<Trying>& trying, const Seen& seen, Instant now) {
  std::ranges::sort(options, {}, [](const Option& option) { return std::pair{option.bits_per_s, option.id}; });
  const auto here = std::ranges::find(options, present, &Option::id);
  measure(seen, here == options.end() ? 0 : here->bits_per_s, now);
  if (here == options.end()) return {};
  const bool leaves = trying && !trying->probe;
  if (seen.pauses && !leaves) return go_down(options, static_cast<std::size_t>(here - options.begin()), seen, now);
  if (chosen_ && std::ranges::find(options, *chosen_, &Option::id) != options.end()) return go_to_chosen(present, trying, now);
  const auto place = static_cast<std::size_t>(here - options.begin());
  if (trying && trying->probe) return judge_probe(options, *trying, seen, now);
  if (trying) {   // both come for a while
    calm_since_ = now;
    drains_until_ = now + kDrains;
    const auto next = std::ranges::find(options, trying->id, &Option::id);
    const bool up = next != options.end() && next->bits_per_s > options[place].bits_per_s;
    if (!up || queue_ <= kQueueTooLong) return {};
    failed(trying->id, now);
    return {.kind = Verdict::Kind::kGiveUp, .to = trying->id, .why = "it takes too long, a queue of " + std::to_string(queue_ / 1ms) + " ms"};
  }
  if (full(seen, now) || unfed_looks_ >= kLooksUnfed) return go_down(options, place, seen, now);
  if (now - calm_since_ >= (tried_ ? kCalm : kCalmFirst) && seen.fed && seen.early && steady(now)) return probe_up(options, place, now);
  return {};
}

Quality::Verdict Quality::go_to_chosen(RenditionId present, const std::optional<Trying>& trying, Instant now) const {
  const bool on_its_way = trying && trying->id == *chosen_ && !trying->probe;
  if (on_its_way) return {};
  if (trying && *chosen_ == present) return {.kind = Verdict::Kind::kGiveUp, .to = present, .why = "another was chosen"};
  if (*chosen_ == present || (failed_ == *chosen_ && now < failed_until_)) return {};
  return {.kind = Verdict::Kind::kGo, .to = *chosen_, .why = "it was chosen"};
}

Quality::Verdict Quality::go_down(const std::vector<Option>& options, std::size_t present, const Seen& seen, Instant now) {
  calm_since_ = now;
  const bool line_full = full(seen, now);
  growing_looks_ = queued_looks_ = short_looks_ = 0;
  tried_ = true;
  // With the least rendition nothing was tried that the limit could have been found with once more.
  if (line_full) carried(seen.arriving_bits_per_s, present > 0, now);
  if (line_full && seen.arriving_bits_per_s * kFallTimes < options[present].bits_per_s) fell(seen.arriving_bits_per_s, now);
  // The best that fits; the least, if none does. When nobody feeds the present one, what arrives says nothing of the line.
  std::optional<std::size_t> to;
  for (std::size_t below = present; below-- > 0;) {
    if (!options[below].supplied || (failed_ == options[below].id && now < failed_until_)) continue;
    to = below;
    if (!line_full || fits(options[below], seen.arriving_bits_per_s)) break;
  }
  if (!to) return {};
  // What pauses or has no parent is not tried again at once.
  if (!line_full || seen.pauses) failed(options[present].id, now);
  unfed_looks_ = 0;
  if (seen.pauses) return {.kind = Verdict::Kind::kGo, .to = options[*to].id, .why = "the source pauses the present one"};
  return {.kind = Verdict::Kind::kGo, .to = options[*to].id,
          .why = line_full ? (seen.late ? "parts are late, a queue of " : "a queue of ") + std::to_string(queue_ / 1ms) + " ms, " + in_kbit(seen.arriving_bits_per_s) + " arrive" : "nobody feeds the present one"};
}

Quality::Verdict Quality::probe_up(const std::vector<Option>& options, std::size_t present, Instant now) {
  for (std::size_t to = options.size() - 1; to > present; --to) {
    const Option& option = options[to];
    if (!option.supplied || !may_try(option, now)) continue;
    const std::int64_t unit = std::max<std::int64_t>(option.bits_per_s / static_cast<std::int64_t>(kStripes), 1);
    const std::int64_t missing = option.bits_per_s - options[present].bits_per_s;
    const auto stripes = static_cast<std::size_t>(std::clamp<std::int64_t>((missing + unit - 1) / unit, 1, kStripes));
    probe_since_ = now;
    queued_looks_ = 0;
    tried_ = true;
    return {.kind = Verdict::Kind::kProbe, .to = option.id, .stripes = stripes, .why = "no queue for " + std::to_string((now - calm_since_) / 1s) + " s"};
  }
  return {};
}

Quality::Verdict Quality::judge_probe(const std::vector<Option>& options, const Trying& trying, const Seen& seen, Instant now) {
  const auto option = std::ranges::find(options, trying.id, &Option::id);
  if (queue_ > kQueueProbe || queued_looks_ >= kLooksLast || option == options.end()) {
    // The one is coarse, and both are less than the line carries.
    carried(std::max(seen.arriving_bits_per_s, seen.received_bits_per_s), true, now);
    calm_since_ = now;
    drains_until_ = now + kDrains;
    return {.kind = Verdict::Kind::kGiveUp, .to = trying.id, .why = "a queue of " + std::to_string(queue_ / 1ms) + " ms, " + in_kbit(seen.arriving_bits_per_s) + " arrive"};
  }
  const bool came = seen.received_bits_per_s * 100 >= option->bits_per_s * 90;
  if (now - probe_since_ >= kProbeFor && came && queue_ < kQueueLasts) {
    if (!carries(option->bits_per_s)) limit_bits_per_s_.reset();   // it carries more than it did
    return {.kind = Verdict::Kind::kGo, .to = trying.id, .why = in_kbit(seen.received_bits_per_s) + " arrive without a queue"};
  }
  if (now - probe_since_ < kProbeMax) return {};
  calm_since_ = now;
  failed(trying.id, now);
  return {.kind = Verdict::Kind::kGiveUp, .to = trying.id, .why = "neighbors do not bring it"};
}

}  // namespace p2p::mesh
