#include "bandwidth/quality.hpp"

#include <algorithm>

#include "mesh/stripes.hpp"

namespace p2p::mesh {
namespace {

/// Queues on the way come and go: longer than this in two looks in a row is a line that is full.
constexpr Duration kQueueFull = 400ms;
constexpr std::uint32_t kLooksFull = 2;
/// So much at once needs no second look.
constexpr Duration kQueueLong = 1s;
/// A probe fills the line on purpose and ends before anybody notices.
constexpr Duration kQueueProbe = 250ms;
constexpr Duration kProbeFor = 3s;
constexpr Duration kProbeMax = 6s;
/// Without a queue, a change or a part lost.
constexpr Duration kCalm = 4s;
/// Headers, what neighbors say, and repairs.
constexpr std::int64_t kOnLinePercent = 110;
/// Of what the line carried.
constexpr std::int64_t kFitsPercent = 95;
constexpr Duration kTrustMin = 15s;
constexpr Duration kTrustMax = 2min;
constexpr Duration kFailedFor = 20s;
constexpr std::uint32_t kLooksSilent = 6;
constexpr int kBaseForgets = 128;          ///< looks; a minute

bool fits(const Quality::Option& option, std::int64_t bits_per_s) { return option.bits_per_s * kOnLinePercent <= bits_per_s * kFitsPercent; }

std::string in_kbit(std::int64_t bits_per_s) { return std::to_string(bits_per_s / 1000) + " kbit/s"; }

}  // namespace

void Quality::measure(const Seen& seen, Instant now) {
  const Duration before = queue_;
  silent_looks_ = seen.least_age ? 0 : silent_looks_ + 1;
  if (seen.least_age) {
    if (!base_ || *seen.least_age < *base_) base_ = *seen.least_age;
    else *base_ += (*seen.least_age - *base_) / kBaseForgets;
    queue_ = *seen.least_age - *base_;
  }
  // One that drains is of what was sent before.
  full_looks_ = queue_ > kQueueFull && queue_ >= before ? full_looks_ + 1 : 0;
  probe_looks_ = queue_ > kQueueProbe ? probe_looks_ + 1 : 0;
  if (queue_ > kQueueFull || probe_looks_ >= kLooksFull || seen.skipped > 0) calm_since_ = now;
}

bool Quality::full(const Seen& seen) const {
  return (queue_ > kQueueLong && full_looks_ > 0) || full_looks_ >= kLooksFull || (seen.skipped > 0 && queue_ > kQueueProbe);
}

void Quality::carried(std::int64_t bits_per_s, Instant now) {
  const bool again = limit_bits_per_s_ && bits_per_s * 10 > *limit_bits_per_s_ * 7 && bits_per_s * 7 < *limit_bits_per_s_ * 10;
  trust_ = again ? std::min<Duration>(trust_ * 2, kTrustMax) : kTrustMin;
  limit_bits_per_s_ = bits_per_s;
  limit_at_ = now;
}

void Quality::failed(RenditionId rendition, Instant now) {
  failed_ = rendition;
  failed_until_ = now + kFailedFor;
}

Quality::Verdict Quality::look(std::vector<Option> options, RenditionId present, const std::optional<Trying>& trying, const Seen& seen, Instant now) {
  measure(seen, now);
  std::ranges::sort(options, {}, [](const Option& option) { return std::pair{option.bits_per_s, option.id}; });
  const auto here = std::ranges::find(options, present, &Option::id);
  if (here == options.end()) return {};
  if (chosen_ && std::ranges::find(options, *chosen_, &Option::id) != options.end()) return go_to_chosen(present, trying, now);
  const auto place = static_cast<std::size_t>(here - options.begin());
  if (trying && trying->probe) return judge_probe(options, *trying, seen, now);
  if (trying) {
    calm_since_ = now;
    return {};
  }
  if (full(seen) || (!seen.fed && silent_looks_ >= kLooksSilent)) return go_down(options, place, seen, now);
  if (now - calm_since_ >= kCalm && seen.fed) return probe_up(options, place, now);
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
  const bool line_full = full(seen);
  full_looks_ = 0;
  if (line_full) carried(seen.received_bits_per_s, now);
  // The best that fits; the least, if none does. When nobody feeds the present one, what arrives says nothing of the line.
  std::optional<std::size_t> to;
  for (std::size_t below = present; below-- > 0;) {
    if (!options[below].supplied || (failed_ == options[below].id && now < failed_until_)) continue;
    to = below;
    if (!line_full || fits(options[below], seen.received_bits_per_s)) break;
  }
  if (!to) return {};
  return {.kind = Verdict::Kind::kGo, .to = options[*to].id,
          .why = line_full ? "a queue of " + std::to_string(queue_ / 1ms) + " ms, " + in_kbit(seen.received_bits_per_s) + " arrive" : "nobody feeds the present one"};
}

Quality::Verdict Quality::probe_up(const std::vector<Option>& options, std::size_t present, Instant now) {
  const bool limited = limit_bits_per_s_ && now - limit_at_ < trust_;
  for (std::size_t to = options.size() - 1; to > present; --to) {
    const Option& option = options[to];
    if (!option.supplied || (failed_ == option.id && now < failed_until_)) continue;
    if (limited && !fits(option, *limit_bits_per_s_)) continue;
    const std::int64_t unit = std::max<std::int64_t>(option.bits_per_s / static_cast<std::int64_t>(kStripes), 1);
    const std::int64_t missing = option.bits_per_s - options[present].bits_per_s;
    const auto stripes = static_cast<std::size_t>(std::clamp<std::int64_t>((missing + unit - 1) / unit, 1, kStripes));
    probe_since_ = now;
    probe_looks_ = 0;
    return {.kind = Verdict::Kind::kProbe, .to = option.id, .stripes = stripes, .why = "no queue for " + std::to_string((now - calm_since_) / 1s) + " s"};
  }
  return {};
}

Quality::Verdict Quality::judge_probe(const std::vector<Option>& options, const Trying& trying, const Seen& seen, Instant now) {
  const auto option = std::ranges::find(options, trying.id, &Option::id);
  if (queue_ > kQueueProbe || seen.skipped > 0 || option == options.end()) {
    carried(seen.received_bits_per_s, now);
    calm_since_ = now;
    return {.kind = Verdict::Kind::kGiveUp, .to = trying.id, .why = "a queue, " + in_kbit(seen.received_bits_per_s) + " arrive"};
  }
  const bool came = seen.received_bits_per_s * 100 >= option->bits_per_s * 90;
  if (now - probe_since_ >= kProbeFor && came) {
    trust_ = kTrustMin;
    return {.kind = Verdict::Kind::kGo, .to = trying.id, .why = in_kbit(seen.received_bits_per_s) + " arrive without a queue"};
  }
  if (now - probe_since_ < kProbeMax) return {};
  calm_since_ = now;
  failed(trying.id, now);
  return {.kind = Verdict::Kind::kGiveUp, .to = trying.id, .why = "neighbors do not bring it"};
}

}  // namespace p2p::mesh
