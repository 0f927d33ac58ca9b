#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "mesh/stripes.hpp"
#include "p2p-core/types.hpp"

namespace p2p::mesh {

/// Whom we feed in each tree, and who else may be admitted.
///
/// Always holds: stripes given in all <= the slots that the upload pays for; a peer is a child of a tree at most once. The source
/// gives each stripe `copies` times, a further child only when it has asked for long in vain, and then softly.
class Children {
 public:
  struct Child {
    PeerId peer;
    PieceNumber from = 0;
    PieceNumber until = UINT32_MAX;   ///< pieces before it are still pushed
    bool soft = false;
    Instant since{};
  };
  struct Capacity {
    std::uint32_t slots = 0;          ///< stripes that the upload pays for, over all children
    std::uint32_t copies_max = UINT32_MAX;   ///< hard children a stripe
  };
  struct Admission {
    bool admitted = false;
    bool soft = false;
  };

  Admission ask(PeerId peer, std::size_t tree, PieceNumber from, const Capacity& capacity, Instant now);
  void unsubscribe(PeerId peer, std::size_t tree, PieceNumber until, PieceNumber next);
  void peer_gone(PeerId peer);

  [[nodiscard]] bool is_child(PeerId peer, std::size_t tree) const;
  [[nodiscard]] const std::vector<Child>& of(std::size_t tree) const { return children_[tree]; }
  [[nodiscard]] std::uint8_t stripes_given(PeerId peer) const;
  [[nodiscard]] std::uint32_t slots_used() const;

  struct Change {
    PeerId peer;
    bool soft = false;
  };
  /// Who should be hard and who soft in a tree, by what they can pass on (`slots_of`): soft children move up where there is room,
  /// and one that can give twice what a hard one can takes its place. At most one exchange a call, so that nothing swings.
  template <typename SlotsOf>
  std::vector<Change> rank(std::size_t tree, std::uint32_t copies_max, const SlotsOf& slots_of);

  /// Children whose last piece has passed; `next` is the next piece that will be pushed.
  void drop_finished(PieceNumber next);

  void check_invariants() const;

 private:
  std::array<std::vector<Child>, kTrees> children_;
  std::map<std::pair<PeerId, std::size_t>, Instant> refused_since_;   // the first no of a row; bounded by neighbors x trees
};

template <typename SlotsOf>
std::vector<Children::Change> Children::rank(std::size_t tree, std::uint32_t copies_max, const SlotsOf& slots_of) {
  std::vector<Change> changes;
  std::uint32_t hard = 0;
  Child* strongest_soft = nullptr;
  Child* weakest_hard = nullptr;
  for (Child& child : children_[tree]) {
    Child*& extreme = child.soft ? strongest_soft : weakest_hard;
    hard += child.soft ? 0 : 1;
    if (!extreme || (slots_of(child.peer) > slots_of(extreme->peer)) == child.soft) extreme = &child;
  }
  if (!strongest_soft) return changes;
  if (hard < copies_max) {
    strongest_soft->soft = false;
    changes.push_back({strongest_soft->peer, false});
  } else if (weakest_hard && slots_of(strongest_soft->peer) >= 2 * slots_of(weakest_hard->peer) + 1) {
    strongest_soft->soft = false;
    weakest_hard->soft = true;
    changes.push_back({strongest_soft->peer, false});
    changes.push_back({weakest_hard->peer, true});
  }
  return changes;
}

/// A child that was refused for this long while copies were at their limit gets the stripe softly: better twice than not at all.
inline constexpr Duration kSoftAfter = 700ms;

}  // namespace p2p::mesh
