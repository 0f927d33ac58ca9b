#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/time.hpp"
#include "p2p-core/types.hpp"

namespace p2p::mesh {

/// How far behind live the picture is kept, and how fast the player plays to get there: in low-latency mode as near as parts have come
/// lately, and a margin; in balanced mode so far that what is late by seconds is not missed. Where the picture stood again and again, "lately" is
/// longer: the least that stays smooth there.
///
/// Always holds: a rate between kRateMin and kRateMax; at most kPartsMax delays are remembered; nobody is moved nearer to live before it
/// is known how late parts come.
///
/// Out of scope: what a missing part means (Playout); where the player is (the driver says).
class Pace {
 public:
  static constexpr Duration kBalancedTarget = 10s;
  static constexpr std::uint16_t kRateMin = 950;   ///< thousandths: nobody hears it
  static constexpr std::uint16_t kRateMax = 1'100;
  static constexpr std::size_t kPartsMax = 256;

  struct Seen {
    Duration behind{};      ///< from the capture of what is shown until now
    Duration buffered{};    ///< playable ahead of it
    bool playing = false;   ///< not paused by the viewer
    bool stalled = false;   ///< it stands for want of parts
  };
  struct Verdict {
    std::uint16_t rate_permille = 1'000;
    std::optional<Duration> jump_to;   ///< to where so much lies ahead
    bool operator==(const Verdict&) const = default;
  };

  explicit Pace(Latency latency) : latency_{latency} {}

  void choose(Latency latency) { latency_ = latency; }
  [[nodiscard]] Latency latency() const { return latency_; }

  /// A part could be played `delay` after its capture.
  void part_came(Duration delay, Duration length, Instant now);

  /// What the player should do now.
  [[nodiscard]] Verdict look(const Seen& seen, Instant now);
  /// The viewer asks to be brought to live at once.
  [[nodiscard]] Verdict to_live(const Seen& seen) const;

  /// How far behind live it wants to be; nothing, as long as too little is known.
  [[nodiscard]] std::optional<Duration> target() const;

 private:
  struct Came {
    Instant at{};
    Duration delay{};
  };
  void mind_stalls(const Seen& seen, Instant now);
  [[nodiscard]] Duration least_buffer() const;

  Latency latency_;
  std::deque<Came> late_;        // later ones are less late: the first is the latest of the window
  std::uint32_t parts_ = 0;
  Duration length_{};
  Duration margin_ = 150ms;
  Duration window_ = 30s;        // how long a late part is remembered
  Instant stalled_at_{};
  bool stalled_ = false;
  std::optional<Instant> began_at_;
  Instant calm_since_{};
};

}  // namespace p2p::mesh
