#include "player.hpp"

#include <algorithm>

namespace p2p::simulator {

void Player::add(Duration begin, Duration end, Instant now) {
  advance(now);
  if (!started_) {
    started_ = true;
    position_ = begin;
    at_ = now;
  }
  if (!ranges_.empty() && ranges_.back().end == begin) ranges_.back().end = end;
  else ranges_.push_back({begin, end});
  if (stands_since_) {
    stands_since_.reset();
    at_ = now;
    advance(now);   // over a gap
  }
}

void Player::set_rate(std::uint16_t permille, Instant now) {
  advance(now);
  rate_permille_ = permille;
}

void Player::jump_to(Duration buffered, Instant now) {
  advance(now);
  if (ranges_.empty()) return;
  ranges_.erase(ranges_.begin(), std::prev(ranges_.end()));
  position_ = std::max({position_, ranges_.back().begin, ranges_.back().end - buffered});
}

void Player::advance(Instant now) {
  if (!started_ || stands_since_) {
    at_ = now;
    return;
  }
  Duration left = (now - at_) * rate_permille_ / 1'000;
  at_ = now;
  while (!ranges_.empty()) {
    Range& range = ranges_.front();
    position_ = std::max(position_, range.begin);
    if (position_ + left < range.end) {
      position_ += left;
      return;
    }
    left -= range.end - position_;
    position_ = range.end;
    if (ranges_.size() == 1) {
      stands_since_ = now - left * 1'000 / rate_permille_;
      return;
    }
    ranges_.pop_front();
  }
}

Duration Player::buffered() const {
  Duration all{};
  for (const Range& range : ranges_) all += range.end - std::max(range.begin, std::min(position_, range.end));
  return all;
}

}  // namespace p2p::simulator
