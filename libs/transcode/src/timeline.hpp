#pragma once

#include "base/time.hpp"

namespace p2p::transcode {

/// Places a track's frames on a time axis that only grows: small irregularities stay, jumps of the input are mended.
class Timeline {
 public:
  /// Further than this from where the frame should be, the input's clock has jumped.
  static constexpr Duration kJumpMax = 3s;

  /// Where the frame goes. Below zero: before the beginning, leave it out.
  Duration place(Duration time, Duration length) {
    Duration placed = time + offset_;
    if (started_ && (placed - next_ > kJumpMax || next_ - placed > kJumpMax)) {
      offset_ += next_ - placed;
      placed = next_;
    }
    if (started_ && placed <= last_) placed = last_ + 1us;
    if (placed < Duration{}) return placed;
    started_ = true;
    last_ = placed;
    next_ = placed + length;
    return placed;
  }

  /// Where the next frame is expected.
  [[nodiscard]] Duration expected() const { return next_; }

  /// The input begins again: its times start over, what was mended before no longer counts.
  void new_round() { offset_ = {}; }

 private:
  bool started_ = false;
  Duration offset_{};
  Duration last_{};
  Duration next_{};
};

}  // namespace p2p::transcode
