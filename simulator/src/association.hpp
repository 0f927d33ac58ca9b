#pragma once

#include <cstdint>

#include "base/prng.hpp"
#include "base/time.hpp"
#include "simulator/world.hpp"

namespace p2p::simulator {

/// One direction of the SCTP association between two peers: when a message leaves it and what losses add to its way. The model and its
/// figures are those of docs/links.md, measured:
///
/// - about T = C*9470/(RTT*sqrt(p)) bit/s in the long run, a window of 1.25/sqrt(p) packets at once;
/// - the rate swings around T from loss to loss, so that a load above .6 T queues now and then, and one above T without end;
/// - Chromium sends a few packets of a message before the first acknowledgement; the rest costs round trips;
/// - a lost packet costs a round trip, and now and then a retransmission time-out.
///
/// Out of scope: the access line, which all associations of a peer share (network.hpp).
class Association {
 public:
  struct Path {
    Duration one_way{};
    std::uint32_t loss_ppm = 0;
    bool from_chromium = false;
    bool to_chromium = false;
  };

  Association() = default;
  Association(const World& world, const Path& path);

  /// The loss of packets changes, or the way's length too.
  void set_loss(const World& world, std::uint32_t loss_ppm);
  void set_way(const World& world, Duration one_way, std::uint32_t loss_ppm);

  /// When a message's last packet leaves. Control messages are not held up by pieces; `line_wait` is what packets queue for on the
  /// sender's line now, which makes round trips longer.
  Instant admit(std::int64_t bytes, bool control, Duration line_wait, Instant now, Prng& prng);

  /// What its way takes beyond the plain trip.
  [[nodiscard]] Duration delays(const World& world, std::int64_t bytes, Prng& prng);

  /// The sender's own line dropped packets: how long it takes until they are sent again. They are the last of a flight, so that only the
  /// retransmission time-out shows their loss; then the window is one packet, and doubles with each round trip.
  Duration dropped_at_home(const World& world, Duration line_wait, Instant now);
  /// Bytes whose acknowledgement is not back: a time-out sends all of them again.
  [[nodiscard]] std::int64_t in_flight(Instant now) const { return now < flight_until_ ? flight_ + flight_before_ : now < flight_until_ + flight_length_ ? flight_ : 0; }
  void sent(std::int64_t bytes, Duration line_wait, Instant now);

  [[nodiscard]] const Path& path() const { return path_; }
  [[nodiscard]] Instant paid_until() const { return paid_until_; }
  [[nodiscard]] std::int64_t rate_bits_per_s() const { return rate_bits_per_s_; }

 private:
  Path path_;
  std::int64_t rate_bits_per_s_ = 1;  // T, without the swing
  std::int64_t window_bytes_ = 0;
  std::int64_t swing_percent_ = 100;
  Duration swing_length_{};
  Instant swing_until_{};
  Instant slow_from_ = kNever;        // a window of one packet; twice that a round trip later
  std::int64_t native_window_ = 0;    // packets, of a native sender on a lossy path; 0: not begun
  std::int64_t flight_ = 0, flight_before_ = 0;   // sent in this round trip and in the one before
  Instant flight_until_{};
  Duration flight_length_{};
  Instant paid_until_{};              // when what was sent will have been paid for at the rate
};

}  // namespace p2p::simulator
