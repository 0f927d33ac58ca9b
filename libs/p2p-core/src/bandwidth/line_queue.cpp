#include "bandwidth/line_queue.hpp"

#include <algorithm>
#include <vector>

namespace p2p::mesh {
namespace {

/// Clocks part by 200 ppm at most, and routes change; a queue that stays for minutes is forgotten with them.
constexpr std::int64_t kForgetPpm = 2'000;
constexpr std::size_t kShare = 4;

}  // namespace

void LineQueue::heard(PeerId from, std::uint32_t clock_ms, Instant now) {
  const auto here_ms = static_cast<std::uint32_t>(now.time_since_epoch() / 1ms);
  const Duration offset = std::chrono::milliseconds{static_cast<std::int32_t>(here_ms - clock_ms)};
  // The first word of a new neighbor waited in the same queue as those of others.
  const auto [at, first] = heard_.try_emplace(from, Heard{.least = offset - queue_, .at = now, .wait = {}, .last_wait = {}});
  Heard& heard = at->second;
  if (!first) heard.least = std::min(offset, heard.least + (now - heard.at) * kForgetPpm / 1'000'000);
  heard.at = now;
  heard.last_wait = offset - heard.least;
  heard.wait = std::min(heard.wait.value_or(heard.last_wait), heard.last_wait);
}

Duration LineQueue::of(PeerId peer) const {
  const auto at = heard_.find(peer);
  return at == heard_.end() ? Duration{} : at->second.last_wait;
}

std::optional<Duration> LineQueue::take() {
  std::vector<Duration> waits;
  for (auto& [peer, heard] : heard_) {
    if (heard.wait) waits.push_back(*heard.wait);
    heard.wait.reset();
  }
  if (waits.empty()) return std::nullopt;
  const auto place = waits.begin() + static_cast<std::ptrdiff_t>(waits.size() / kShare);
  std::nth_element(waits.begin(), place, waits.end());
  queue_ = *place;
  return queue_;
}

}  // namespace p2p::mesh
