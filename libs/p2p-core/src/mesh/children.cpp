#include "mesh/children.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace p2p::mesh {

const Children::Child* Children::find(PeerId peer, std::size_t tree) const {
  for (const Child& child : children_[tree]) {
    if (child.peer == peer) return &child;
  }
  return nullptr;
}

std::uint32_t Children::hard(std::size_t tree) const {
  return static_cast<std::uint32_t>(
      std::count_if(children_[tree].begin(), children_[tree].end(), [](const Child& c) { return !c.soft && !c.ending(); }));
}

std::uint32_t Children::staying(std::size_t tree) const {
  return static_cast<std::uint32_t>(std::count_if(children_[tree].begin(), children_[tree].end(), [](const Child& c) { return !c.ending(); }));
}

std::optional<std::size_t> Children::richest() const {
  std::size_t most = 0;
  for (std::size_t tree = 1; tree < kStripes; ++tree) {
    if (hard(tree) > hard(most)) most = tree;
  }
  return hard(most) > 0 ? std::optional{most} : std::nullopt;
}

std::optional<Children::Place> Children::end_of_the_line(std::size_t tree) const {
  for (const Child& child : children_[tree]) {
    if (!child.passes_on && !child.ending()) return Place{child.peer, tree};
  }
  return std::nullopt;
}

void Children::unsubscribe(PeerId peer, std::size_t tree, PieceNumber until, PieceNumber next) {
  for (Child& child : children_[tree]) {
    if (child.peer == peer) child.until = std::min(child.until, until);
  }
  std::erase_if(children_[tree], [&](const Child& child) { return child.peer == peer && child.until <= next; });
}

bool Children::evict(Place place, PieceNumber until) {
  for (Child& child : children_[place.tree]) {
    if (child.peer != place.peer || child.ending()) continue;
    child.until = until;
    return true;
  }
  return false;
}

void Children::peer_gone(PeerId peer) {
  for (auto& children : children_) {
    std::erase_if(children, [&](const Child& child) { return child.peer == peer; });
  }
  std::erase_if(refused_since_, [&](const auto& refused) { return refused.first.first == peer; });
}

std::uint32_t Children::stripes_given(PeerId peer) const {
  std::uint32_t count = 0;
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    const Child* child = find(peer, tree);
    count += child && !child->ending() ? 1 : 0;
  }
  return count;
}

std::uint32_t Children::slots_used() const {
  std::uint32_t used = 0;
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    for (const Child& child : children_[tree]) used += child.ending() ? 0 : 1;
  }
  return used;
}

bool Children::any() const {
  return std::any_of(children_.begin(), children_.end(), [](const auto& children) { return !children.empty(); });
}

bool Children::carries_alone(PeerId peer) const {
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    const bool another = std::any_of(children_[tree].begin(), children_[tree].end(), [&](const Child& c) { return c.peer != peer && !c.ending(); });
    if (find(peer, tree) != nullptr && !another) return true;
  }
  return false;
}

std::optional<std::size_t> Children::hard_stripe(PeerId peer) const {
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    const Child* child = find(peer, tree);
    if (child && !child->soft && !child->ending()) return tree;
  }
  return std::nullopt;
}

std::optional<Children::Place> Children::further_down(std::size_t tree, const Capacity& capacity, bool in_need, Instant now) const {
  if (capacity.hops[tree] == 0) return std::nullopt;
  std::optional<Place> furthest;
  std::uint8_t most = 0;
  for (std::size_t other = 0; other < kStripes; ++other) {
    const std::uint8_t hops = capacity.hops[other];
    if (hops < capacity.hops[tree] + (in_need ? kFurtherForNeed : kFurther) || hops <= most) continue;
    for (const Child& child : children_[other]) {
      if (child.ending() || (!in_need && now - child.since < kTenureMin)) continue;
      furthest = Place{child.peer, other};
      most = hops;
      break;
    }
  }
  return furthest;
}

void Children::drop_finished(PieceNumber next) {
  for (auto& children : children_) {
    std::erase_if(children, [&](const Child& child) { return child.until <= next; });
  }
}

void Children::check_invariants() const {
  for (const auto& children : children_) {
    for (std::size_t i = 0; i < children.size(); ++i) {
      for (std::size_t j = i + 1; j < children.size(); ++j) CHECK(children[i].peer != children[j].peer, "a child twice in one tree");
    }
  }
}

}  // namespace p2p::mesh
