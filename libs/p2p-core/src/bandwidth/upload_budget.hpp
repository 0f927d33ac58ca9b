#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace p2p::mesh {

/// How many bytes this peer may hand to its links now: a token bucket.
///
/// Always holds: over any span t, bytes spent <= rate * t + burst, but for what cannot wait. A piece is paid for in full or waits; none goes
/// out in debt.
///
/// Out of scope: which piece goes first (scheduler/uplink.hpp); how the rate is found.
class UploadBudget {
 public:
  struct Options {
    std::int64_t bits_per_s = 0;          ///< the lower of the viewer's cap and what the link is thought to carry
    Duration burst = 100ms;               ///< about half a part, so that a late wake loses no rate
    std::int64_t burst_bytes_min = 0;     ///< at least this may be saved up, whatever the rate: one piece
  };

  UploadBudget(Options options, Instant now);

  [[nodiscard]] bool try_spend(std::int64_t bytes, Instant now);

  /// For what cannot wait: it may leave a debt, of one burst at most.
  void spend(std::int64_t bytes, Instant now);

  /// When `bytes` can be paid, if nothing else is spent until then. `bytes` may not exceed the burst.
  [[nodiscard]] Instant next_affordable(std::int64_t bytes) const;

  /// What is saved up is kept, up to the new burst.
  void set_rate(std::int64_t bits_per_s, Instant now);
  [[nodiscard]] std::int64_t bits_per_s() const { return options_.bits_per_s; }

  void check_invariants() const;

 private:
  void refill(Instant now);
  [[nodiscard]] std::int64_t burst_micro_bits() const;

  Options options_;
  Instant refilled_at_;
  std::int64_t saved_micro_bits_;   // bits * 1e6: a microsecond at 1 bit/s is one unit, nothing is lost to rounding
};

}  // namespace p2p::mesh
