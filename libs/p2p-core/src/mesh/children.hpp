#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "mesh/stripes.hpp"
#include "p2p-core/types.hpp"

namespace p2p::mesh {

/// Whom we feed in each tree, and who else may be admitted. Upload goes where it multiplies: a peer that passes on much takes the place
/// of one that passes on little.
///
/// A copy of the source that ends in a peer which passes nothing on is one for nothing: it is soft, beside the others.
///
/// Always holds: the stripes that we mean to go on giving <= the slots that the upload pays for; a peer is a child of a tree at most
/// once; who was asked to go stays a child for the grace only, and nobody else is asked to go for the same newcomer.
class Children {
 public:
  struct Child {
    PeerId peer;
    PieceNumber from = 0;
    PieceNumber until = UINT32_MAX;   ///< pieces before it are still pushed
    bool soft = false;                ///< beyond the copies, or more than its link carries: until it finds somebody else
    bool passes_on = true;
    Instant since{};
    [[nodiscard]] bool ending() const { return until != UINT32_MAX; }
  };
  struct Capacity {
    std::uint32_t slots = 0;                 ///< stripes that the upload pays for, over all children
    std::uint32_t reserve = 0;               ///< more for those who would otherwise have nobody
    std::uint32_t copies_max = UINT32_MAX;   ///< hard children a stripe
    PieceNumber grace_until = 0;             ///< the first piece that a child asked to go now gets no more
    std::array<std::uint8_t, kTrees> hops{};  ///< from the source to us; 0: does not count
  };
  struct Place {
    PeerId peer;
    std::size_t tree = 0;
  };
  struct Admission {
    bool admitted = false;
    bool soft = false;
    std::optional<Place> evicted;     ///< who goes for it
  };

  struct Asker {
    PeerId peer;
    bool fed = false;         ///< it has a parent and looks for a better one
    bool link_full = false;   ///< the link to it carries no more, as far as is known
    bool passes_on = true;    ///< it has upload for at least one stripe
  };
  /// `weight_of` says how much a peer passes on, in any unit: what it gives counts for each stripe that it gets from us.
  template <typename WeightOf>
  Admission ask(Asker asker, std::size_t tree, PieceNumber from, const Capacity& capacity, const WeightOf& weight_of, Instant now);

  void unsubscribe(PeerId peer, std::size_t tree, PieceNumber until, PieceNumber next);
  /// It is to find another parent; nothing if it is no child, or goes already.
  bool evict(Place place, PieceNumber until);
  void peer_gone(PeerId peer);

  [[nodiscard]] bool is_child(PeerId peer, std::size_t tree) const { return find(peer, tree) != nullptr; }
  [[nodiscard]] const std::vector<Child>& of(std::size_t tree) const { return children_[tree]; }
  /// Not counting those that end.
  [[nodiscard]] std::uint32_t stripes_given(PeerId peer) const;
  [[nodiscard]] std::uint32_t slots_used() const;
  [[nodiscard]] bool any() const;
  /// Of some stripe it is the only child: everybody else has that stripe through it.
  [[nodiscard]] bool carries_alone(PeerId peer) const;

  /// Who passes on no more than this for each stripe that he would get would be refused; 0: there is room.
  template <typename WeightOf>
  [[nodiscard]] std::int64_t full_below(const Capacity& capacity, const WeightOf& weight_of) const;

  /// A child in the stripe that comes here over many more hops than this one: upload is worth more near the source, and who is far from it
  /// finds another parent easily. `in_need`: for somebody who has no parent.
  [[nodiscard]] std::optional<Place> further_down(std::size_t tree, const Capacity& capacity, bool in_need, Instant now) const;

  /// How many more children a tree should have for its copies to be complete.
  [[nodiscard]] std::uint32_t wanted(std::size_t tree, std::uint32_t copies_max) const { return copies_max - std::min(copies_max, hard(tree)); }
  /// Another has two copies more: one of them goes for this one's next, though all upload is given.
  [[nodiscard]] bool behind_others(std::size_t tree) const {
    const std::optional<std::size_t> most = richest();
    return most && hard(*most) >= hard(tree) + 2;
  }

  /// A soft child that may stay: there is room for one more copy, and its link carries it.
  template <typename Carries>
  std::optional<PeerId> promote(std::size_t tree, std::uint32_t copies_max, const Carries& carries);
  /// A stripe that it should rather have from somebody else; none of those that it found nobody for.
  [[nodiscard]] std::optional<std::size_t> hard_stripe(PeerId peer) const;

  /// Children whose last piece has passed; `next` is the next piece that will be pushed.
  void drop_finished(PieceNumber next);

  void check_invariants() const;

 private:
  [[nodiscard]] const Child* find(PeerId peer, std::size_t tree) const;
  [[nodiscard]] std::uint32_t hard(std::size_t tree) const;
  [[nodiscard]] std::uint32_t staying(std::size_t tree) const;
  /// The stripe with the most copies.
  [[nodiscard]] std::optional<std::size_t> richest() const;
  /// A child that passes nothing on.
  [[nodiscard]] std::optional<Place> end_of_the_line(std::size_t tree) const;
  template <typename WeightOf>
  [[nodiscard]] std::optional<Place> weakest(std::size_t tree, const WeightOf& weight_of) const;
  template <typename WeightOf>
  std::optional<Place> weaker(PeerId than, std::size_t first_tree, std::size_t end_tree, const WeightOf& weight_of, Instant now) const;

  std::array<std::vector<Child>, kTrees> children_;
  std::map<std::pair<PeerId, std::size_t>, Instant> refused_since_;   // the first no of a row; bounded by neighbors x trees
};

/// A child that was refused for this long while copies, or its link, were at their limit gets the stripe softly: better twice, or late,
/// than not at all.
inline constexpr Duration kSoftAfter = 700ms;
/// One that passes on so many times as much is worth sending another away: a change costs both a gap and its messages (ADR 8).
inline constexpr std::int64_t kWorth = 4;
/// A child that came a moment ago has had no time to show what it passes on.
inline constexpr Duration kTenureMin = 10s;
/// So many hops further a child's stripe is worth a change less than the other's.
inline constexpr std::uint8_t kFurther = 3;
inline constexpr std::uint8_t kFurtherForNeed = 2;

template <typename WeightOf>
std::optional<Children::Place> Children::weaker(PeerId than, std::size_t first_tree, std::size_t end_tree, const WeightOf& weight_of,
                                                Instant now) const {
  // Compared is what each passes on by stripe that it gets.
  const std::int64_t gain = weight_of(than);
  const std::int64_t gain_stripes = stripes_given(than) + 1;
  std::optional<Place> weakest;
  std::int64_t least = 0, least_stripes = 1;
  for (std::size_t tree = first_tree; tree < end_tree; ++tree) {
    for (const Child& child : children_[tree]) {
      if (child.ending() || child.peer == than || now - child.since < kTenureMin) continue;
      const std::int64_t weight = weight_of(child.peer);
      const std::int64_t stripes = std::max<std::int64_t>(stripes_given(child.peer), 1);
      if (gain * stripes <= kWorth * weight * gain_stripes) continue;
      if (weakest && weight * least_stripes >= least * stripes) continue;
      weakest = Place{child.peer, tree};
      least = weight;
      least_stripes = stripes;
    }
  }
  return weakest;
}

template <typename WeightOf>
std::optional<Children::Place> Children::weakest(std::size_t tree, const WeightOf& weight_of) const {
  const Child* least = nullptr;
  for (const Child& child : children_[tree]) {
    if (!child.ending() && (!least || weight_of(child.peer) < weight_of(least->peer))) least = &child;
  }
  return least ? std::optional{Place{least->peer, tree}} : std::nullopt;
}

template <typename WeightOf>
std::int64_t Children::full_below(const Capacity& capacity, const WeightOf& weight_of) const {
  if (slots_used() < capacity.slots) return 0;
  std::int64_t least = INT32_MAX;
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    for (const Child& child : children_[tree]) {
      if (!child.ending()) least = std::min<std::int64_t>(least, kWorth * weight_of(child.peer) / std::max<std::int64_t>(stripes_given(child.peer), 1));
    }
  }
  return std::max<std::int64_t>(least, 1);
}

template <typename Carries>
std::optional<PeerId> Children::promote(std::size_t tree, std::uint32_t copies_max, const Carries& carries) {
  if (hard(tree) >= copies_max) return std::nullopt;
  for (Child& child : children_[tree]) {
    if (!child.soft || child.ending() || !child.passes_on || !carries(child.peer)) continue;
    child.soft = false;
    return child.peer;
  }
  return std::nullopt;
}

template <typename WeightOf>
Children::Admission Children::ask(Asker asker, std::size_t tree, PieceNumber from, const Capacity& capacity, const WeightOf& weight_of,
                                  Instant now) {
  const PeerId peer = asker.peer;
  auto& children = children_[tree];
  for (Child& known : children) {
    if (known.peer != peer) continue;
    if (known.until < from) continue;
    if (known.ending() && slots_used() >= capacity.slots) return {};
    // It asks again (it was to go and found nobody, or it lost our answer): the feed goes on.
    if (known.ending()) known.soft = asker.link_full || hard(tree) >= capacity.copies_max;
    known.until = UINT32_MAX;
    known.from = std::min(known.from, from);
    return {.admitted = true, .soft = known.soft};
  }
  Admission admission{.admitted = true};
  if (tree != kManifestTree) {   // manifests cost next to nothing
    const bool enough = (asker.passes_on ? hard(tree) : staying(tree)) >= capacity.copies_max;
    const bool full = slots_used() >= capacity.slots;
    const bool copies_count = capacity.copies_max != UINT32_MAX;
    if (asker.link_full && (full || asker.fed)) return {};
    if (!asker.link_full && capacity.slots > 0 && (enough || full)) admission.evicted = weaker(peer, enough ? tree : 0, enough ? tree + 1 : kStripes, weight_of, now);
    if (!admission.evicted && full && capacity.slots > 0 && asker.passes_on && !asker.link_full) admission.evicted = further_down(tree, capacity, !asker.fed, now);
    if (!admission.evicted && full && copies_count && asker.passes_on && !asker.link_full && behind_others(tree)) admission.evicted = weakest(*richest(), weight_of);
    if (!admission.evicted && slots_used() >= capacity.slots + capacity.reserve) return {};
    if (!admission.evicted && (enough || full || asker.link_full)) {
      if (asker.fed) return {};   // a copy more for who has one would never be given back
      const auto [refused, first] = refused_since_.try_emplace({peer, tree}, now);
      // A row of questions, not two that lie minutes apart.
      if (!first && now - refused->second > 4 * kSoftAfter) refused->second = now;
      if (first || now - refused->second < kSoftAfter) return {};
      admission.soft = true;
    }
    if (!asker.passes_on && copies_count) admission.soft = true;
    if (asker.passes_on && !admission.evicted && staying(tree) >= capacity.copies_max) admission.evicted = end_of_the_line(tree);
  }
  if (admission.evicted) evict(*admission.evicted, capacity.grace_until);
  refused_since_.erase({peer, tree});
  std::erase_if(children, [&](const Child& child) { return child.peer == peer; });
  children.push_back({.peer = peer, .from = from, .soft = admission.soft, .passes_on = asker.passes_on, .since = now});
  return admission;
}

}  // namespace p2p::mesh
