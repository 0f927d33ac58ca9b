#include "network.hpp"

#include <algorithm>

#include "arithmetic.hpp"

namespace p2p::simulator {

Instant Line::pass(std::int64_t bytes, Instant now) {
  free_at_ = std::max(free_at_, now) + time_on_line(bytes, bits_per_s_);
  return free_at_;
}

}  // namespace p2p::simulator
