#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/prng.hpp"
#include "base/time.hpp"
#include "mesh/neighbor.hpp"
#include "mesh/stripes.hpp"

namespace p2p::mesh {

/// Who feeds us in each tree: asks neighbors for a stripe, keeps what is fed, and moves to a better parent.
///
/// Always holds: a tree has at most one parent and one question under way; a parent whose path names us is left at once, so that no
/// cycle outlives one message; a change makes the new feed before it ends the old one.
///
/// Out of scope: whom to have as a neighbor (membership.hpp), what to do about pieces that stay away (scheduler/repair.hpp).
class Feeds {
 public:
  struct Place {
    PeerId peer;
    std::size_t tree = 0;
  };
  struct End {
    PeerId peer;
    std::size_t tree = 0;
    PieceNumber until = 0;
  };
  struct Feed {
    std::optional<PeerId> parent;
    std::optional<PeerId> asked;
    Instant asked_at{};
    Instant since{};                      ///< of the present parent
    Instant pushed_at{};                  ///< its last piece or manifest
    std::optional<PieceNumber> pushed;    ///< the newest piece that it pushed
    PieceNumber from = 0;                 ///< the first piece that it pushes
    PieceNumber covered_from = 0;         ///< from here on it or those before it, without a gap
    PieceNumber until = UINT32_MAX;       ///< the first that it pushes no more: it wants to be rid of us
    std::vector<std::uint32_t> path;      ///< from the source to the parent
    bool soft = false;                    ///< the parent would rather see us fed by somebody else
    Duration delay = 0ms;                 ///< from the making of a part to its arrival here, smoothed
    Duration deviation = 0ms;
    bool delay_known = false;
    bool dry = false;
    std::uint32_t missed = 0;             ///< pieces in a row that came by request before the parent pushed them
  };
  using IsChild = std::function<bool(PeerId, std::size_t)>;
  /// It has recent pieces of that stripe which are not here.
  using HasNews = std::function<bool(const Neighbor&, std::size_t)>;
  struct Left {
    PeerId peer;
    std::size_t tree = 0;
    const char* why = "";
  };
  struct Plan {
    std::vector<Place> asks;
    std::vector<Left> left;   ///< parents given up: silent, or they promise and do not push
  };

  explicit Feeds(Prng prng) : prng_{prng} {}
  void set_source(std::uint32_t path_name) { self_.source = path_name; }
  [[nodiscard]] std::uint32_t source() const { return self_.source; }

  [[nodiscard]] const Feed& feed(std::size_t tree) const { return feeds_[tree]; }
  /// It has a parent whose path begins at the source: one that hangs together with others from a peer without a parent has none of use.
  [[nodiscard]] bool rooted(std::size_t tree) const { return feeds_[tree].parent && feeds_[tree].path.front() == self_.source; }
  /// Stripes of which it is the parent.
  [[nodiscard]] std::size_t trees_fed_by(PeerId peer) const;
  /// A parent, or asked to be one.
  [[nodiscard]] bool needs(PeerId peer) const;
  [[nodiscard]] bool starving() const;
  /// Its stripe has a parent that pushes this piece.
  [[nodiscard]] bool pushed(PieceNumber piece) const;
  /// Links between the source and here: the deepest stripe counts.
  [[nodiscard]] std::uint8_t hop() const;

  /// Whom to ask now: trees without a parent, and one that could do better.
  struct Self {
    RenditionId rendition;
    std::size_t stripes = kStripes;   ///< the first so many are wanted
    std::int64_t unit_bits_per_s = 1;
    std::int64_t weight = 0;      ///< what we pass on, kbit/s
    PieceNumber next = 0;
    std::uint32_t source = 0;     ///< its name in paths
    Duration piece_every = 250ms; ///< of one stripe
    Duration line_queue{};        ///< before our own line: everything that neighbors say comes later by it
  };
  Plan plan(Neighbors& neighbors, const Self& self, Instant now, const IsChild& is_child, const HasNews& has_news);
  /// Its parent is there and has nothing to push, while others have: somewhere above, the stripe is broken.
  [[nodiscard]] bool dry(std::size_t tree) const { return feeds_[tree].dry; }

  /// The parent said yes. What ends in exchange, if anything.
  std::optional<End> subscribed(PeerId peer, std::size_t tree, PieceNumber from, std::vector<std::uint32_t> path, bool soft, PeerId self,
                                Instant now, bool& accepted);
  void denied(PeerId peer, std::size_t tree);
  /// The path of a parent changed; true: we are in it, and it was left.
  bool path_changed(PeerId peer, std::size_t tree, std::vector<std::uint32_t> path, PeerId self);
  /// The parent wants to end the feed and pushes nothing from `until` on.
  void evicted(PeerId peer, std::size_t tree, PieceNumber until);
  void peer_gone(PeerId peer);

  /// No parent any more, nor a question for one. Those that were.
  std::vector<Place> leave_all();
  std::vector<Place> leave_stripes();   ///< manifests go on

  /// A piece, or a manifest, came by push.
  struct Pushed {
    std::size_t tree = 0;
    std::optional<PieceNumber> piece;
    Duration age{};          ///< since its making
    bool in_time = false;    ///< it was not there already
  };
  void pushed_by(Neighbor& from, const Pushed& what, Instant now);
  /// It came otherwise, although a parent should have pushed it.
  void came_by_request(PieceNumber piece);

  [[nodiscard]] Instant next_due() const { return next_due_; }
  /// Something has changed: plan() may have to do before it said.
  void hurry() { next_due_ = Instant{}; }
  void check_invariants() const;

 private:
  enum class Choice {
    kGood,        ///< none that feeds us much already, nor a source that wants to give nothing more
    kAny,
    kFullLinks,   ///< also one whose link to here is full, as it said: better late than by request
  };
  /// Another than the present one; none that would refuse us, as it says.
  [[nodiscard]] const Neighbor* best_parent(const Neighbors& neighbors, std::size_t tree, Choice choice, Instant now, const IsChild& is_child,
                                            Duration& estimate);
  /// It wants to be rid of us: nobody else was found, so it may be asked to go on.
  [[nodiscard]] const Neighbor* present_parent(const Neighbors& neighbors, std::size_t tree, Instant now) const;
  /// Those for which it is asked included.
  [[nodiscard]] std::size_t trees_from(PeerId peer) const;
  [[nodiscard]] Duration estimate_of(const Neighbor& neighbor, std::size_t tree) const;
  [[nodiscard]] std::size_t trees_each(const Neighbor& neighbor) const;
  [[nodiscard]] static Duration usual_excess(const Neighbors& neighbors);
  [[nodiscard]] bool another(const Neighbors& neighbors, std::size_t tree, Instant now, const IsChild& is_child) const;
  void look_after_parents(Neighbors& neighbors, Instant now, const IsChild& is_child, Plan& plan);
  void look_for_dry_stripes(const Neighbors& neighbors, Instant now, const HasNews& has_news);
  [[nodiscard]] const Neighbor* with_news(const Neighbors& neighbors, std::size_t tree, Instant now, const IsChild& is_child, const HasNews& has_news);
  void spread(const Neighbors& neighbors, Instant now, const IsChild& is_child, Plan& plan);
  void complete_source(const Neighbors& neighbors, std::uint8_t wanted, Instant now, const IsChild& is_child, Plan& plan);
  void optimise(const Neighbors& neighbors, Instant now, const IsChild& is_child, Plan& plan);
  void ask(std::size_t tree, PeerId peer, Instant now, Plan& plan);
  static void leave(Feed& feed);
  std::vector<Place> leave_before(std::size_t end);

  Prng prng_;
  std::array<Feed, kTrees> feeds_;
  Self self_;
  std::size_t trees_each_ = kTrees;   // at most so many from one neighbor: the loss of a parent should cost little
  Duration usual_excess_{};           // of the neighbors that were tried
  Instant optimise_at_{};
  Instant next_due_{};
};

/// A question that nobody answered counts as a no.
inline constexpr Duration kAskTimeout = 1s;
/// A parent of whom nothing is heard: its have-deltas come every 200 ms.
inline constexpr Duration kParentSilence = 1s;
/// A neighbor that is silent for this long may be gone: nobody asks it for anything new.
inline constexpr Duration kCandidateSilence = 450ms;
/// After a no the same neighbor is not asked for this long (plus up to half of it).
inline constexpr Duration kDeniedFor = 400ms;

}  // namespace p2p::mesh
