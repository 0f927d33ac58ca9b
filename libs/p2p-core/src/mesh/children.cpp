#include "mesh/children.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace p2p::mesh {

Children::Admission Children::ask(PeerId peer, std::size_t tree, PieceNumber from, const Capacity& capacity, Instant now) {
  auto& children = children_[tree];
  const auto known = std::find_if(children.begin(), children.end(), [&](const Child& child) { return child.peer == peer; });
  if (known != children.end()) {
    // It asks again (its subscription ran out, or it lost our answer): the feed goes on.
    known->until = UINT32_MAX;
    known->from = std::min(known->from, from);
    return {.admitted = true, .soft = known->soft};
  }
  const bool is_stripe = tree != kManifestTree;
  if (is_stripe && slots_used() >= capacity.slots) return {};
  const auto hard = static_cast<std::uint32_t>(std::count_if(children.begin(), children.end(), [](const Child& c) { return !c.soft; }));
  const bool soft = is_stripe && hard >= capacity.copies_max;
  if (soft) {
    const auto [refused, first] = refused_since_.try_emplace({peer, tree}, now);
    // A row of questions, not two that lie minutes apart.
    if (!first && now - refused->second > 4 * kSoftAfter) refused->second = now;
    if (first || now - refused->second < kSoftAfter) return {};
  }
  refused_since_.erase({peer, tree});
  children.push_back({.peer = peer, .from = from, .soft = soft, .since = now});
  return {.admitted = true, .soft = soft};
}

void Children::unsubscribe(PeerId peer, std::size_t tree, PieceNumber until, PieceNumber next) {
  for (Child& child : children_[tree]) {
    if (child.peer == peer) child.until = until;
  }
  std::erase_if(children_[tree], [&](const Child& child) { return child.peer == peer && child.until <= next; });
}

void Children::peer_gone(PeerId peer) {
  for (auto& children : children_) {
    std::erase_if(children, [&](const Child& child) { return child.peer == peer; });
  }
  std::erase_if(refused_since_, [&](const auto& refused) { return refused.first.first == peer; });
}

bool Children::is_child(PeerId peer, std::size_t tree) const {
  return std::any_of(children_[tree].begin(), children_[tree].end(), [&](const Child& child) { return child.peer == peer; });
}

std::uint8_t Children::stripes_given(PeerId peer) const {
  std::uint8_t count = 0;
  for (std::size_t tree = 0; tree < kStripes; ++tree) count = static_cast<std::uint8_t>(count + (is_child(peer, tree) ? 1 : 0));
  return count;
}

std::uint32_t Children::slots_used() const {
  std::size_t used = 0;
  for (std::size_t tree = 0; tree < kStripes; ++tree) used += children_[tree].size();
  return static_cast<std::uint32_t>(used);
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
