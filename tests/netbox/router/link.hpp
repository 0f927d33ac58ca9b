#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/prng.hpp"
#include "base/time.hpp"
#include "loss.hpp"

namespace p2p::netbox {

/// One direction of an access line.
struct LinkOptions {
  std::int64_t bits_per_s = 0;                 ///< of whole IP packets; 0: no limit
  std::optional<std::int64_t> queue_bytes;     ///< drop-tail; left out: what `queue_time` holds at the link's rate
  Duration queue_time = 200ms;
  Duration delay{};                            ///< propagation, one way
  Duration jitter{};                           ///< up to so much more, evenly; packets keep their order
  LossOptions loss;
  Millionths duplicate = 0;
  Millionths reorder = 0;                      ///< held back by `reorder_by` while later packets pass
  Duration reorder_by = 20ms;
};

/// When a packet that enters now leaves at the far end, or that it is lost. It holds no packets: the queue is the time that the
/// line is busy, so nothing happens between a packet's coming and its going.
///
/// Always holds: packets leave in the order they came (except the reordered), never faster than the rate; what waits never
/// exceeds the queue. A change of options concerns packets that come later.
class Link {
 public:
  enum class Fate : std::uint8_t { kCarried, kLost, kQueueFull, kDead };
  struct Passage {
    Fate fate = Fate::kCarried;
    Instant leaves{};
    std::optional<Instant> copy_leaves;   ///< a duplicate
  };

  Link(LinkOptions options, Prng prng);

  [[nodiscard]] Passage enter(std::size_t bytes, Instant now);

  /// What every packet takes at least.
  [[nodiscard]] Duration delay() const { return options_.delay; }

  void set_options(LinkOptions options);
  void set_alive(bool alive, Instant now);
  [[nodiscard]] bool alive() const { return alive_; }

  /// Whether the link died while the packet was in it (its latest death; an earlier one has taken effect long since).
  [[nodiscard]] bool died_between(Instant entered, Instant left) const;

 private:
  [[nodiscard]] std::int64_t queue_bytes_max() const;
  [[nodiscard]] Instant arrival(Instant sent);

  LinkOptions options_;
  Loss loss_;
  Prng prng_;
  bool alive_ = true;
  std::optional<Instant> died_at_;
  Instant busy_until_{};
  std::int64_t remainder_ = 0;   ///< of the division by the rate, so that rounding never adds up
  Instant last_left_{};
};

}  // namespace p2p::netbox
