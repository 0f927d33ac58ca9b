#pragma once

#include <array>
#include <cstdint>
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
  struct Ask {
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
    PieceNumber from = 0;                 ///< the first piece that it pushes
    std::vector<std::uint32_t> path;      ///< from the source to the parent
    bool soft = false;                    ///< the source would rather see us fed by somebody else
    Duration delay = 0ms;                 ///< from the making of a part to its arrival here, smoothed
    Duration deviation = 0ms;
    bool delay_known = false;
  };

  explicit Feeds(Prng prng) : prng_{prng} {}

  [[nodiscard]] const Feed& feed(std::size_t tree) const { return feeds_[tree]; }
  [[nodiscard]] bool fed_by(PeerId peer) const;
  [[nodiscard]] bool starving() const;
  /// A piece was missing or will be: its stripe has no parent that pushes it.
  [[nodiscard]] bool pushed(PieceNumber piece) const;
  /// Links between the source and here: the deepest stripe counts.
  [[nodiscard]] std::uint8_t hop() const;

  /// Whom to ask now: trees without a parent, and one that could do better. `self_in_use` says which neighbors we feed in a tree.
  template <typename IsChild>
  std::vector<Ask> plan(const Neighbors& neighbors, Instant now, const IsChild& is_child) {
    return plan_with(neighbors, now, [&](PeerId peer, std::size_t tree) { return is_child(peer, tree); });
  }

  /// The parent said yes. What ends in exchange, if anything.
  std::optional<End> subscribed(PeerId peer, std::size_t tree, PieceNumber from, std::vector<std::uint32_t> path, bool soft, PeerId self,
                                Instant now, bool& accepted);
  void denied(PeerId peer, std::size_t tree);
  /// The path of a parent changed; true: we are in it, and it was left.
  bool path_changed(PeerId peer, std::size_t tree, std::vector<std::uint32_t> path, PeerId self);
  /// The parent ended the feed, or wants to.
  void ended(PeerId peer, std::size_t tree);
  void evicted(PeerId peer, std::size_t tree);
  void peer_gone(PeerId peer);

  /// A piece (or manifest) came by push; `age` since its making.
  void pushed_by(PeerId peer, std::size_t tree, Duration age, Instant now);

  [[nodiscard]] Instant next_due(Instant now) const;
  void check_invariants() const;

 private:
  template <typename IsChild>
  std::vector<Ask> plan_with(const Neighbors& neighbors, Instant now, const IsChild& is_child);
  template <typename IsChild>
  std::optional<PeerId> best_parent(const Neighbors& neighbors, std::size_t tree, Instant now, const IsChild& is_child, Duration& estimate);
  [[nodiscard]] std::size_t trees_from(PeerId peer) const;
  [[nodiscard]] Duration estimate_of(const Neighbor& neighbor, std::size_t tree) const;
  void leave(Feed& feed);

  Prng prng_;
  std::array<Feed, kTrees> feeds_;
  Instant optimise_at_{};
};

/// A question that nobody answered counts as a no.
inline constexpr Duration kAskTimeout = 1s;
/// A parent of whom nothing is heard: its have-deltas come every 200 ms.
inline constexpr Duration kParentSilence = 1s;
/// After a no the same neighbor is not asked for this long (plus up to half of it).
inline constexpr Duration kDeniedFor = 400ms;
inline constexpr Duration kOptimiseEvery = 500ms;

template <typename IsChild>
std::optional<PeerId> Feeds::best_parent(const Neighbors& neighbors, std::size_t tree, Instant now, const IsChild& is_child,
                                         Duration& estimate) {
  std::optional<PeerId> best;
  estimate = Duration::max();
  for (const auto& [peer, neighbor] : neighbors) {
    if (!neighbor.greeted || neighbor.leaving || neighbor.denied_until[tree] > now) continue;
    if (now - neighbor.heard_at > kParentSilence / 2) continue;
    if (!neighbor.giving || is_child(peer, tree)) continue;
    if (neighbor.role != Role::kSource) {
      // The manifest has no state of its own in Status: who is fed in any stripe has manifests.
      bool fed = false;
      for (std::size_t k = 0; k < kStripes; ++k) {
        fed |= (tree == kManifestTree || k == tree) && neighbor.stripes[k].delay_ms != wire::StripeState::kUnfed;
      }
      if (!fed) continue;
    }
    Duration here = estimate_of(neighbor, tree);
    here += here * prng_.between(-5, 5) / 100;   // equal neighbors should not all be chosen in the same order
    if (here < estimate) {
      estimate = here;
      best = peer;
    }
  }
  return best;
}

template <typename IsChild>
std::vector<Feeds::Ask> Feeds::plan_with(const Neighbors& neighbors, Instant now, const IsChild& is_child) {
  std::vector<Ask> asks;
  const auto ask = [&](std::size_t tree, PeerId peer) {
    feeds_[tree].asked = peer;
    feeds_[tree].asked_at = now;
    asks.push_back({peer, tree});
  };
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    Feed& feed = feeds_[tree];
    if (feed.asked && now - feed.asked_at > kAskTimeout) feed.asked.reset();
    if (feed.parent) {
      const auto parent = neighbors.find(*feed.parent);
      if (parent == neighbors.end() || now - parent->second.heard_at > kParentSilence) leave(feed);
    }
    if (feed.parent || feed.asked) continue;
    Duration estimate;
    if (const auto peer = best_parent(neighbors, tree, now, is_child, estimate)) ask(tree, *peer);
  }
  if (now < optimise_at_) return asks;
  optimise_at_ = now + kOptimiseEvery;

  // Soft feeds first, for the source waits for that; else one stripe at random.
  std::size_t chosen = static_cast<std::size_t>(prng_.below(kTrees));
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    if (feeds_[tree].soft && feeds_[tree].parent && !feeds_[tree].asked) chosen = tree;
  }
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    Feed& feed = feeds_[tree];
    const bool soft = feed.parent && feed.soft;
    if ((!soft && tree != chosen) || !feed.parent || feed.asked) continue;
    const auto parent = neighbors.find(*feed.parent);
    if (!soft && (!feed.delay_known || now - feed.since < 2 * kOptimiseEvery)) continue;
    Duration estimate;
    const auto peer = best_parent(neighbors, tree, now, [&](PeerId p, std::size_t t) { return p == *feed.parent || is_child(p, t); }, estimate);
    if (!peer) continue;
    const Duration present = estimate_of(parent->second, tree);
    const Duration gain = std::max<Duration>(40ms, present * 15 / 100);   // hysteresis: a switch costs messages
    if (soft || estimate + gain < present) ask(tree, *peer);
  }
  return asks;
}

}  // namespace p2p::mesh
