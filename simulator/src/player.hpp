#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/time.hpp"

namespace p2p::simulator {

/// A viewer's player: shows what it is handed at the rate that the engine sets, stands when there is nothing, crosses a gap when it gets there.
///
/// Always holds: the position never goes back.
class Player {
 public:
  /// Parts in media time; they come in order.
  void add(Duration begin, Duration end, Instant now);
  void set_rate(std::uint16_t permille, Instant now);
  /// Forward to where so much is there ahead, at most.
  void jump_to(Duration buffered, Instant now);

  /// Goes on to `now`: to be called before anything is asked.
  void advance(Instant now);
  [[nodiscard]] bool started() const { return started_; }
  [[nodiscard]] Duration position() const { return position_; }
  [[nodiscard]] Duration buffered() const;
  /// Since when it has nothing to show.
  [[nodiscard]] std::optional<Instant> stands_since() const { return stands_since_; }

 private:
  struct Range {
    Duration begin{};
    Duration end{};
  };
  std::deque<Range> ranges_;   // the one at the playhead and those after it, which gaps part
  bool started_ = false;
  Duration position_{};
  Instant at_{};               // of the position
  std::int64_t rate_permille_ = 1'000;
  std::optional<Instant> stands_since_;
};

}  // namespace p2p::simulator
