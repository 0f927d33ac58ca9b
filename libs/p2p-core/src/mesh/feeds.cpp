#include "mesh/feeds.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace p2p::mesh {
namespace {

bool names(const std::vector<std::uint32_t>& path, PeerId self) {
  return std::find(path.begin(), path.end(), path_name(self)) != path.end();
}

}  // namespace

bool Feeds::fed_by(PeerId peer) const { return trees_from(peer) > 0; }

bool Feeds::starving() const {
  return std::any_of(feeds_.begin(), feeds_.end(), [](const Feed& feed) { return !feed.parent; });
}

bool Feeds::pushed(PieceNumber piece) const {
  const Feed& feed = feeds_[stripe_of(piece)];
  return feed.parent && feed.from <= piece;
}

std::uint8_t Feeds::hop() const {
  std::size_t deepest = 0;
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    if (feeds_[tree].parent) deepest = std::max(deepest, feeds_[tree].path.size());
  }
  return static_cast<std::uint8_t>(std::min<std::size_t>(deepest, 255));
}

std::optional<Feeds::End> Feeds::subscribed(PeerId peer, std::size_t tree, PieceNumber from, std::vector<std::uint32_t> path, bool soft,
                                            PeerId self, Instant now, bool& accepted) {
  Feed& feed = feeds_[tree];
  if (feed.parent == peer && feed.asked != peer && !names(path, self)) {   // the parent changed its mind about soft
    accepted = true;
    feed.path = std::move(path);
    feed.soft = soft;
    return std::nullopt;
  }
  accepted = feed.asked == peer && !names(path, self);
  if (feed.asked == peer) feed.asked.reset();
  if (!accepted) return std::nullopt;
  std::optional<End> end;
  if (feed.parent && *feed.parent != peer) end = End{*feed.parent, tree, from};
  feed.parent = peer;
  feed.since = now;
  feed.pushed_at = now;
  feed.from = from;
  feed.path = std::move(path);
  feed.soft = soft;
  return end;
}

void Feeds::denied(PeerId peer, std::size_t tree) {
  if (feeds_[tree].asked == peer) feeds_[tree].asked.reset();
}

bool Feeds::path_changed(PeerId peer, std::size_t tree, std::vector<std::uint32_t> path, PeerId self) {
  Feed& feed = feeds_[tree];
  if (feed.parent != peer) return false;
  if (names(path, self)) {
    leave(feed);
    return true;
  }
  feed.path = std::move(path);
  return false;
}

void Feeds::ended(PeerId peer, std::size_t tree) {
  if (feeds_[tree].parent == peer) leave(feeds_[tree]);
}

void Feeds::evicted(PeerId peer, std::size_t tree) {
  if (feeds_[tree].parent == peer) feeds_[tree].soft = true;
}

void Feeds::peer_gone(PeerId peer) {
  for (Feed& feed : feeds_) {
    if (feed.asked == peer) feed.asked.reset();
    if (feed.parent == peer) leave(feed);
  }
}

void Feeds::pushed_by(PeerId peer, std::size_t tree, Duration age, Instant now) {
  Feed& feed = feeds_[tree];
  if (feed.parent != peer) return;
  feed.pushed_at = now;
  if (!feed.delay_known) {
    feed.delay = age;
    feed.deviation = age / 4;
    feed.delay_known = true;
    return;
  }
  // Gains of 1/8 and 1/6; one straggler of many seconds must not stretch every timer that leans on the deviation.
  const Duration error = std::clamp<Duration>(age - feed.delay, -1s, 1s);
  feed.delay += error / 8;
  feed.deviation += (std::chrono::abs(error) - feed.deviation) / 6;
}

Instant Feeds::next_due(Instant now) const {
  Instant due = optimise_at_;
  for (const Feed& feed : feeds_) {
    if (feed.asked) due = std::min(due, feed.asked_at + kAskTimeout);
    if (!feed.parent && !feed.asked) due = std::min(due, now + kDeniedFor / 4);
  }
  return due;
}

std::size_t Feeds::trees_from(PeerId peer) const {
  return static_cast<std::size_t>(std::count_if(feeds_.begin(), feeds_.end(), [&](const Feed& feed) { return feed.parent == peer; }));
}

Duration Feeds::estimate_of(const Neighbor& neighbor, std::size_t tree) const {
  Duration delay = 0ms;
  if (neighbor.role != Role::kSource && tree != kManifestTree) delay = std::chrono::milliseconds{neighbor.stripes[tree].delay_ms};
  if (neighbor.role != Role::kSource && tree == kManifestTree) delay = 20ms;
  return delay + neighbor.rtt / 2 + neighbor.queue + 5ms * static_cast<int>(trees_from(neighbor.peer));
}

void Feeds::leave(Feed& feed) {
  feed.parent.reset();
  feed.path.clear();
  feed.soft = false;
  feed.delay_known = false;
}

void Feeds::check_invariants() const {
  for (const Feed& feed : feeds_) {
    CHECK(!feed.parent || !feed.path.empty(), "a parent without a path to the source");
    CHECK(feed.path.size() <= wire::kPathLengthMax, "a path beyond its limit");
  }
}

}  // namespace p2p::mesh
