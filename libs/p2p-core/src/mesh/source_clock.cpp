#include "mesh/source_clock.hpp"

#include <algorithm>

namespace p2p::mesh {
namespace {

/// Clocks of two machines part by at most 200 ppm; faster than that what was least delayed is forgotten.
constexpr std::int64_t kForgetPpm = 500;
constexpr Duration kStale = 20s;

}  // namespace

void SourceClock::heard(PeerId from, WallTime captured, Duration age, Instant now) {
  // What waited on its way makes the source's clock look slow: the fastest is right.
  const std::int64_t offset_us = captured.time_since_epoch().count() + age.count() - now.time_since_epoch().count();
  const auto [at, first] = heard_.try_emplace(from, Heard{offset_us, now});
  if (!first) {
    const std::int64_t kept_us = at->second.offset_us - (now - at->second.at).count() * kForgetPpm / 1'000'000;
    at->second = {std::max(kept_us, offset_us), now};
  }
  settle();
}

void SourceClock::gone(PeerId peer) {
  if (heard_.size() > 1) heard_.erase(peer);   // the last word stands until somebody else speaks
}

void SourceClock::settle() {
  Instant newest{};
  for (const auto& [peer, heard] : heard_) newest = std::max(newest, heard.at);
  offsets_.clear();
  for (const auto& [peer, heard] : heard_) {
    if (newest - heard.at <= kStale) offsets_.push_back(heard.offset_us);
  }
  const auto middle = offsets_.begin() + static_cast<std::ptrdiff_t>(offsets_.size() / 2);
  std::nth_element(offsets_.begin(), middle, offsets_.end());
  offset_ = *middle;
}

std::optional<WallTime> SourceClock::wall(Instant now) const {
  if (!offset_) return std::nullopt;
  return WallTime{now.time_since_epoch() + Duration{*offset_}};
}

Instant SourceClock::made_at(WallTime captured, Instant now) const {
  if (!offset_) return now;
  return std::min(now, Instant{captured.time_since_epoch() - Duration{*offset_}});
}

}  // namespace p2p::mesh
