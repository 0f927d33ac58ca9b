#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "association.hpp"
#include "base/ids.hpp"
#include "base/prefetch.hpp"
#include "base/time.hpp"

namespace p2p::simulator {

/// One end of a link.
struct Link {
  std::uint32_t other = 0;
  std::uint64_t id = 0;              ///< both ends have the same; a new link between the same two has another
  PeerId other_id;
  bool relayed = false;
  bool touched = false;              ///< sent on since the backlog was told
  Association out;
  std::vector<Association> more;     ///< beside it, for pieces; each as good as the first
  std::uint32_t wanted = 1;          ///< associations, those on their way included
  Instant control_arrives{};         ///< the last one; the channel is ordered
  std::int64_t backlog = 0;          ///< bytes that have not left the association
  std::int64_t received = 0;         ///< payload
  std::int64_t received_told = 0;    ///< in a story

  /// The one that is free first.
  [[nodiscard]] Association& freest() {
    Association* best = &out;
    for (Association& each : more) {
      if (each.paid_until() < best->paid_until()) best = &each;
    }
    return *best;
  }
  void set_loss(const World& world, std::uint32_t loss_ppm) {
    out.set_loss(world, loss_ppm);
    for (Association& each : more) each.set_loss(world, loss_ppm);
  }
  void set_way(const World& world, Duration one_way, std::uint32_t loss_ppm) {
    out.set_way(world, one_way, loss_ppm);
    for (Association& each : more) each.set_way(world, one_way, loss_ppm);
  }
};

/// A peer's ends of its links, in the order in which they came up; at most one to each other peer.
///
/// Each message looks for its link, and among thousands of peers nothing is in the processor's caches: so the names lie apart from the
/// rest, close together, and which links were touched is looked for only when one was.
class Links {
 public:
  [[nodiscard]] auto begin() { return links_.begin(); }
  [[nodiscard]] auto end() { return links_.end(); }
  [[nodiscard]] auto begin() const { return links_.begin(); }
  [[nodiscard]] auto end() const { return links_.end(); }

  [[nodiscard]] Link* find(std::uint32_t other) { return at(std::ranges::find(names_, other, &Name::other)); }
  [[nodiscard]] Link* find(PeerId other) { return at(std::ranges::find(names_, other, &Name::id)); }

  /// In place of an older one to the same peer.
  void add(Link link) {
    erase(link.other);
    names_.push_back({link.other_id, link.other});
    links_.push_back(link);
  }
  void erase(std::uint32_t other) {
    const auto name = std::ranges::find(names_, other, &Name::other);
    if (name == names_.end()) return;
    links_.erase(links_.begin() + (name - names_.begin()));
    names_.erase(name);
  }
  void clear() { *this = {}; }

  /// What find() reads.
  void prefetch() const {
    p2p::prefetch(names_.data(), names_.size() * sizeof(Name));
  }
  void prefetch(std::uint32_t other) {
    if (const Link* link = find(other)) p2p::prefetch(link, sizeof(Link));
  }

  void touch(Link& link) { link.touched = any_touched_ = true; }

  /// Calls `tell` with each link that was touched since the last time.
  template <typename Tell>
  void tell_touched(const Tell& tell) {
    if (!any_touched_) return;
    any_touched_ = false;
    for (Link& link : links_) {
      if (!link.touched) continue;
      link.touched = false;
      tell(link);
    }
  }

 private:
  struct Name {
    PeerId id;
    std::uint32_t other = 0;
  };
  Link* at(std::vector<Name>::iterator name) { return name == names_.end() ? nullptr : &links_[static_cast<std::size_t>(name - names_.begin())]; }

  std::vector<Name> names_;   // of links_, at the same places
  std::vector<Link> links_;
  bool any_touched_ = false;
};

}  // namespace p2p::simulator
