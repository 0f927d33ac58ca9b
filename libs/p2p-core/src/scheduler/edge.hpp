#pragma once

#include <array>
#include <optional>
#include <vector>

#include "base/flat_map.hpp"
#include "base/prng.hpp"
#include "base/time.hpp"
#include "mesh/feeds.hpp"
#include "mesh/stripes.hpp"
#include "p2p-core/types.hpp"
#include "scheduler/repair.hpp"

namespace p2p::mesh {

/// What comes over HTTP when peers cannot give it: the pieces of a stripe for which no parent was found, and single pieces that are late.
/// Whoever pays for the edge wants it to give what is lacking and no more.
///
/// Always holds: nothing is fetched before an edge was offered; at most kFetchesMax pieces are under way, and none of them is asked of
/// neighbors meanwhile.
///
/// Out of scope: where the edge is and how it is spoken to (the driver).
class Edge {
 public:
  static constexpr std::size_t kFetchesMax = 16;

  explicit Edge(Prng prng) : prng_{prng} {}

  /// No more: what is under way is for the neighbors again.
  void offered(bool yes, Repair& repair);
  [[nodiscard]] bool offered() const { return offered_; }

  /// What to fetch now. `starting`: nothing was played yet, and a backlog is the neighbors' to give.
  std::vector<PieceNumber> plan(Repair& repair, const Feeds& feeds, bool starting, Instant now);
  /// An answer came; true: it was awaited. Not `there`: it is asked for again, or somewhere else.
  bool answered(PieceNumber piece, bool there, Duration age, Instant now);

  /// The stripe comes from here: it may be passed on like any other.
  [[nodiscard]] bool feeds(std::size_t tree) const { return tree < kStripes && stripes_[tree].fed; }
  /// How old its pieces are when they come.
  [[nodiscard]] Duration delay() const { return delay_; }
  [[nodiscard]] Instant next_due() const { return next_due_; }
  void forget_before(PieceNumber piece);
  void check_invariants() const;

 private:
  struct Stripe {
    std::optional<Instant> rootless_since;
    Duration patience{};   // drawn anew each time: not all should turn to the edge at once
    bool fed = false;
  };

  Prng prng_;
  bool offered_ = false;
  std::array<Stripe, kStripes> stripes_;
  FlatMap<PieceNumber, Instant> fetches_;   // under way, since when
  Instant not_before_{};                    // after one that failed
  Duration delay_{};
  Instant next_due_ = kNever;
};

}  // namespace p2p::mesh
