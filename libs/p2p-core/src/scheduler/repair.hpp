#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/flat_map.hpp"
#include "base/prng.hpp"
#include "base/time.hpp"
#include "mesh/feeds.hpp"
#include "mesh/neighbor.hpp"
#include "p2p-core/types.hpp"

namespace p2p::mesh {

/// Fetches by request what pushing did not bring: pieces that are late by their stripe's rhythm, the backlog of a newcomer, what a
/// parent dropped.
///
/// Always holds: a piece is asked of one neighbor at a time; at most kOutstandingMax requests are under way, and at most
/// kOutstandingPerPeer of them at one neighbor (kUrgentPerPeer for the first picture); the source is asked last.
class Repair {
 public:
  static constexpr std::size_t kOutstandingMax = 48;
  static constexpr std::uint32_t kOutstandingPerPeer = 8;
  static constexpr std::uint32_t kUrgentPerPeer = 16;   ///< what is for the first picture is asked of whoever is there, and moved to those who come

  struct Ask {
    PeerId peer;
    std::vector<PieceNumber> pieces;
    bool urgent = false;
  };
  /// A request that was given up: the piece came by push, or the neighbor is too slow.
  struct Cancel {
    PeerId peer;
    PieceNumber piece = 0;
  };

  explicit Repair(Prng prng) : prng_{prng}, salt_{prng_.next()} {}

  /// A piece exists and we want it. `made_at`: when the source made it, as far as we can tell.
  void want(PieceNumber piece, Instant made_at, Instant now) { missing_.try_emplace(piece, Missing{.made_at = made_at, .since = now}); }
  /// It is here. Whom to tell that it is not needed any more.
  std::optional<Cancel> arrived(PieceNumber piece, PeerId from);
  /// It is fetched from the edge: no neighbor is asked meanwhile.
  void goes_elsewhere(PieceNumber piece);
  void came_back(PieceNumber piece);   ///< in vain
  /// `each(piece, made_at, missing since, whether a neighbor was asked)`, in their order; those that went elsewhere are not among them.
  template <typename Each>
  void each_missing(const Each& each) const {
    for (const auto& [piece, missing] : missing_) {
      if (!missing.elsewhere) each(piece, missing.made_at, missing.since, missing.asked.has_value());
    }
  }
  void forget_before(PieceNumber piece);
  void forget_from(PieceNumber piece);
  /// The neighbor will not send it: dropped, busy or gone.
  void unavailable(PeerId peer, PieceNumber piece, Instant now);
  void peer_gone(PeerId peer);

  /// Of a stripe, not asked of anybody.
  [[nodiscard]] std::optional<PieceNumber> first_missing(std::size_t tree) const;
  [[nodiscard]] bool wanted(PieceNumber piece) const { return missing_.contains(piece); }
  /// Who owes an answer.
  [[nodiscard]] std::optional<PeerId> asked_of(PieceNumber piece) const;
  [[nodiscard]] bool asked(PeerId peer, PieceNumber piece) const;
  [[nodiscard]] std::size_t missing() const { return missing_.size(); }

  struct Need {
    RenditionId rendition;
    bool starting = false;             ///< nothing was played yet
    PieceNumber urgent_before = 0;     ///< pieces before it are for the first picture
    PieceNumber early_from = UINT32_MAX;   ///< of a newcomer's backlog what lies between these two is played later: lines and links are for
    PieceNumber early_until = 0;           ///< what is played sooner
    std::int64_t unit_bits_per_s = 1;  ///< of one stripe
    Duration line_queue{};             ///< before our own line: everything comes later by it, and asking again would make it longer
    std::array<bool, kStripes> from_edge{};   ///< stripes of which neighbors are asked nothing: their upload is needed for others
  };
  /// What to ask now, and of whom. Neighbors whose answer stayed away are marked busy.
  std::vector<Ask> plan(Neighbors& neighbors, const Feeds& feeds, const Need& need, Instant now);
  [[nodiscard]] Instant next_due() const { return next_due_; }
  /// What plan() asked of others in its last call: whoever was asked before need not send it any more.
  [[nodiscard]] const std::vector<Cancel>& given_up() const { return given_up_; }

  void check_invariants() const;

 private:
  struct Missing {
    Instant made_at{};
    Instant since{};               // its manifest entry came
    bool elsewhere = false;
    std::optional<PeerId> asked;
    Instant asked_until{};
    Instant expected{};            // when the answer should be here
    Instant not_before{};          // after a no
    bool urgent = false;           // told dropped: do not wait for the rhythm
  };

  [[nodiscard]] static Instant due(PieceNumber piece, const Missing& missing, const Neighbors& neighbors, const Feeds& feeds,
                                   const Need& need, Instant now);
  Neighbor* best_holder(PieceNumber piece, const Missing& missing, Neighbors& neighbors, const Feeds& feeds, const Need& need, bool source_too, Instant now,
                        Duration& estimate);

  [[nodiscard]] Duration source_after(PieceNumber piece) const;

  Prng prng_;
  std::uint64_t salt_;
  FlatMap<PieceNumber, Missing> missing_;
  FlatMap<PeerId, std::uint32_t> outstanding_;
  std::size_t outstanding_all_ = 0;
  std::vector<Cancel> given_up_;
  Instant next_due_ = kNever;

  void release(Missing& missing);
  void spread_start(Neighbors& neighbors, const Feeds& feeds, const Need& need, Instant now, std::map<std::pair<PeerId, bool>, Ask>& asks);
  void ask(PieceNumber piece, Missing& missing, Neighbor& holder, Duration estimate, const Need& need, Instant now, std::map<std::pair<PeerId, bool>, Ask>& asks);
};

}  // namespace p2p::mesh
