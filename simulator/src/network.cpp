#include "network.hpp"

#include <algorithm>

#include "arithmetic.hpp"

namespace p2p::simulator {

Instant Line::pass(std::int64_t bytes, Instant now) {
  free_at_ = std::max(free_at_, now) + time_on_line(bytes, bits_per_s_);
  return free_at_;
}

void Line::set_rate(std::int64_t bits_per_s, Instant now) {
  const std::int64_t waiting = bits_per_s_ / 8 * (wait(now) / 1ms) / 1'000;
  bits_per_s_ = bits_per_s;
  free_at_ = now + time_on_line(waiting, bits_per_s);
}

std::int64_t Line::room(std::int64_t bytes, Duration queue, Instant now) const {
  const Duration free = queue - wait(now);
  return free <= Duration{} ? 0 : std::min(bytes, bits_per_s_ * (free / 1us) / 8'000'000);
}

}  // namespace p2p::simulator
