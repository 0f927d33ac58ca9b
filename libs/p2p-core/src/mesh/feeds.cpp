#include "mesh/feeds.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace p2p::mesh {
namespace {

constexpr Duration kOptimiseEvery = 500ms;
/// A new parent is judged after this: its first pieces come with the queue of the change.
constexpr Duration kTrial = 1500ms;
/// A parent that pushed none of so many pieces in a row only claims to be one, or is too late to be of use.
constexpr std::uint32_t kMissedMax = 4;
constexpr Duration kBarrenFirst = 5s;
constexpr Duration kBarrenMax = 60s;
/// What a stripe more from the same neighbor costs in expected delay: its pieces come one after the other.
constexpr Duration kEachMore = 20ms;
/// A relay (TURN) is paid for by who runs the server, and shared by all who have no other way: who has one takes it.
constexpr Duration kRelayed = 50ms;
/// So many neighbors that were tried say what to expect of another.
constexpr std::size_t kTriedMin = 3;
/// Of a neighbor whose upload is in full use.
constexpr Duration kLoad = 40ms;
constexpr Duration kExcessMax = 3s;
/// A stripe brings a piece each quarter of a second at a few Mbit/s.
constexpr Duration kRhythmLost = 600ms;
/// A stripe that brought none of so many pieces, while neighbors have some, has lost its way from the source.
constexpr int kDryAfter = 4;
/// What it may cost to have another parent.
constexpr Duration kSpreadCost = 100ms;
/// A stripe for which the source wants so many children hangs from one or none.
constexpr std::uint8_t kOrphanStripe = 2;
/// So many more than others may give comes from the source, where nobody else takes them: without them, everybody would lack a stripe.
constexpr std::size_t kMoreOfSource = 2;


/// Who has upload for so many stripes may give one more than others, or two: its upload is worth more near the source than the loss of a
/// parent costs, and its few links are all that it has to give it through (ADR 14).
constexpr std::uint32_t kManySlots = 4 * kStripes;
constexpr std::uint32_t kVeryManySlots = 7 * kStripes;

/// Neighbors that could be parents: with so few, a link that is full is better than waiting for another.
constexpr std::size_t kFew = 2;

bool names(const std::vector<std::uint32_t>& path, PeerId self) {
  return std::find(path.begin(), path.end(), path_name(self)) != path.end();
}

}  // namespace

bool Feeds::needs(PeerId peer) const {
  return std::any_of(feeds_.begin(), feeds_.end(), [&](const Feed& feed) { return feed.parent == peer || feed.asked == peer; });
}

bool Feeds::starving() const {
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    if (!rooted(tree)) return true;
  }
  return false;
}

bool Feeds::pushed(PieceNumber piece) const {
  const Feed& feed = feeds_[stripe_of(piece)];
  return feed.parent && feed.covered_from <= piece && piece < feed.until;
}

std::uint8_t Feeds::hop() const {
  std::size_t deepest = 0;
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    if (rooted(tree)) deepest = std::max(deepest, feeds_[tree].path.size());
  }
  return static_cast<std::uint8_t>(std::min<std::size_t>(deepest, 255));
}

Feeds::Plan Feeds::plan(Neighbors& neighbors, const Self& self, Instant now, const IsChild& is_child, const HasNews& has_news) {
  Plan plan;
  self_ = self;
  look_after_parents(neighbors, now, is_child, plan);
  usual_excess_ = usual_excess(neighbors);

  std::size_t able = 0;
  for (const auto& [peer, neighbor] : neighbors) able += neighbor.greeted && neighbor.giving && neighbor.fed(self_.rendition, kManifestTree) ? 1 : 0;
  trees_each_ = std::max<std::size_t>(2, able == 0 ? kTrees : (kStripes + able - 1) / able + 1);

  look_for_dry_stripes(neighbors, now, has_news);

  next_due_ = now + kParentSilence / 5;
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    if (tree < kStripes && tree >= self_.stripes) continue;
    Feed& feed = feeds_[tree];
    const bool needed = !rooted(tree) || feed.until != UINT32_MAX;
    if ((!needed && !feed.dry) || feed.asked) continue;
    Duration estimate;
    const Neighbor* best = feed.dry ? with_news(neighbors, tree, now, is_child, has_news) : nullptr;
    if (!needed && !best) continue;
    for (const Choice choice : {Choice::kGood, Choice::kAny, Choice::kFullLinks}) {
      if (choice == Choice::kFullLinks && able > kFew) break;
      if (!best) best = best_parent(neighbors, tree, choice, now, is_child, estimate);
    }
    if (!best && feed.parent && able <= kFew) best = present_parent(neighbors, tree, now);
    if (best) {
      ask(tree, best->peer, now, plan);
    } else {
      next_due_ = std::min(next_due_, now + kDeniedFor / 4);
    }
  }
  if (self_.stripes == kStripes) complete_source(neighbors, kOrphanStripe, now, is_child, plan);
  if (now >= optimise_at_ && self_.stripes == kStripes) {
    optimise_at_ = now + kOptimiseEvery;
    spread(neighbors, now, is_child, plan);
    if (prng_.chance(1, 2)) complete_source(neighbors, 1, now, is_child, plan);
    optimise(neighbors, now, is_child, plan);
  }
  if (self_.stripes == kStripes) next_due_ = std::min(next_due_, optimise_at_);
  return plan;
}

/// Somebody else to ask for it, or hope for that. Who has nobody stays with a parent that is silent or late: it may be held up for a
/// moment, and whoever leaves it has even less.
bool Feeds::another(const Neighbors& neighbors, std::size_t tree, Instant now, const IsChild& is_child) const {
  return neighbors.size() > kFew || std::any_of(neighbors.begin(), neighbors.end(), [&](const auto& entry) {
    const auto& [peer, neighbor] = entry;
    return feeds_[tree].parent != peer && neighbor.greeted && !neighbor.leaving && neighbor.giving && neighbor.fed(self_.rendition, tree) &&
           now - neighbor.heard_at <= kCandidateSilence + self_.line_queue / 2 && !is_child(peer, tree);
  });
}

void Feeds::look_after_parents(Neighbors& neighbors, Instant now, const IsChild& is_child, Plan& plan) {
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    Feed& feed = feeds_[tree];
    if (feed.asked && now - feed.asked_at > kAskTimeout + self_.line_queue * 3 / 2) {
      if (const auto asked = neighbors.find(*feed.asked); asked != neighbors.end()) asked->second.in(self_.rendition).denied_until[tree] = now + 4 * kDeniedFor;
      feed.asked.reset();
    }
    if (!feed.parent) continue;
    const auto parent = neighbors.find(*feed.parent);
    const bool silent = parent == neighbors.end() || now - parent->second.heard_at > kParentSilence + self_.line_queue;
    const bool barren = feed.missed >= kMissedMax;
    const bool ended = feed.until <= self_.next;
    if (!ended && parent != neighbors.end() && ((!silent && !barren) || !another(neighbors, tree, now, is_child))) continue;
    plan.left.push_back({*feed.parent, tree, silent ? "it is silent" : barren ? "it pushes nothing in time" : "its last piece has passed"});
    if (barren && !silent) {
      Neighbor& neighbor = parent->second;
      neighbor.barren_for = std::clamp<Duration>(neighbor.barren_for * 2, kBarrenFirst, kBarrenMax);
      neighbor.in(self_.rendition).denied_until.fill(now + neighbor.barren_for);
    }
    leave(feed);
  }
}

const Neighbor* Feeds::present_parent(const Neighbors& neighbors, std::size_t tree, Instant now) const {
  const auto parent = neighbors.find(*feeds_[tree].parent);
  if (parent == neighbors.end() || parent->second.leaving || !parent->second.giving || parent->second.in(self_.rendition).denied_until[tree] > now) return nullptr;
  return &parent->second;
}

const Neighbor* Feeds::best_parent(const Neighbors& neighbors, std::size_t tree, Choice choice, Instant now, const IsChild& is_child,
                                   Duration& estimate) {
  const Neighbor* best = nullptr;
  estimate = Duration::max();
  for (const auto& [peer, neighbor] : neighbors) {
    if (!neighbor.greeted || neighbor.leaving || !neighbor.giving || neighbor.in(self_.rendition).denied_until[tree] > now) continue;
    if (now - neighbor.heard_at > kCandidateSilence + self_.line_queue / 2 || !neighbor.fed(self_.rendition, tree) || feeds_[tree].parent == peer || is_child(peer, tree)) continue;
    const NeighborTrack& track = neighbor.in(self_.rendition);
    // The source gives a stripe that it does not want to give again only to who has nobody else, or passes on more than those it feeds.
    const bool full = neighbor.role == Role::kSource ? choice == Choice::kGood && track.stripes[tree].wanted == 0 : track.full_below > 0;
    const bool makes_room = neighbor.role != Role::kSource && track.stripes[tree].wanted > 0 && self_.weight > 0;
    if (tree != kManifestTree && full && !makes_room && self_.weight <= std::int64_t{track.full_below} * static_cast<std::int64_t>(trees_from(peer) + 1)) continue;
    const bool limited = track.trees_max_until > now && choice != Choice::kFullLinks;
    const std::size_t most = std::min(choice == Choice::kGood ? trees_each(neighbor) : kTrees, limited ? track.trees_max : kTrees);
    if (tree != kManifestTree && trees_from(peer) >= most) continue;
    Duration here = estimate_of(neighbor, tree);
    here += here * prng_.between(-5, 5) / 100;   // equal neighbors should not all be chosen in the same order
    if (here >= estimate) continue;
    estimate = here;
    best = &neighbor;
  }
  return best;
}

void Feeds::look_for_dry_stripes(const Neighbors& neighbors, Instant now, const HasNews& has_news) {
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    Feed& feed = feeds_[tree];
    feed.dry = feed.parent && now - std::max(feed.since, feed.pushed_at) > kDryAfter * self_.piece_every + self_.line_queue &&
               std::any_of(neighbors.begin(), neighbors.end(), [&](const auto& entry) { return entry.first != feed.parent && has_news(entry.second, tree); });
  }
}

// What neighbors say of themselves is as old as what they believe; what they have is not.
const Neighbor* Feeds::with_news(const Neighbors& neighbors, std::size_t tree, Instant now, const IsChild& is_child, const HasNews& has_news) {
  const Neighbor* best = nullptr;
  Duration least = Duration::max();
  for (const auto& [peer, neighbor] : neighbors) {
    if (!neighbor.greeted || neighbor.leaving || !neighbor.giving || neighbor.in(self_.rendition).denied_until[tree] > now || feeds_[tree].parent == peer) continue;
    if (now - neighbor.heard_at > kCandidateSilence + self_.line_queue / 2 || is_child(peer, tree) || !neighbor.fed(self_.rendition, tree) || !has_news(neighbor, tree)) continue;
    const Duration here = estimate_of(neighbor, tree);
    if (here >= least) continue;
    least = here;
    best = &neighbor;
  }
  return best;
}

void Feeds::spread(const Neighbors& neighbors, Instant now, const IsChild& is_child, Plan& plan) {
  // Who came first was asked for everything: too much for one link, and too much to lose at once.
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    const Feed& feed = feeds_[tree];
    if (!feed.parent || feed.asked) continue;
    const auto parent = neighbors.find(*feed.parent);
    const std::size_t more = parent != neighbors.end() && parent->second.role == Role::kSource ? kMoreOfSource : 0;
    if (parent == neighbors.end() || trees_from(*feed.parent) <= trees_each(parent->second) + more) continue;
    Duration estimate;
    const Neighbor* best = best_parent(neighbors, tree, Choice::kGood, now, is_child, estimate);
    if (best && estimate < estimate_of(parent->second, tree) + kSpreadCost) ask(tree, best->peer, now, plan);
  }
}

void Feeds::complete_source(const Neighbors& neighbors, std::uint8_t wanted, Instant now, const IsChild& is_child, Plan& plan) {
  // A stripe that the source gives to too few hangs from them: who has a link to it and passes things on takes it there, as long as
  // that costs little. One at a time, and not all at once.
  if (self_.weight <= 0) return;
  for (const auto& [peer, neighbor] : neighbors) {
    if (neighbor.role != Role::kSource || !neighbor.greeted || now - neighbor.heard_at > kCandidateSilence + self_.line_queue / 2) continue;
    const NeighborTrack& track = neighbor.in(self_.rendition);
    const std::size_t first = static_cast<std::size_t>(prng_.below(kStripes));
    for (std::size_t i = 0; i < kStripes; ++i) {
      const std::size_t tree = (first + i) % kStripes;
      const Feed& feed = feeds_[tree];
      if (track.stripes[tree].wanted < wanted || feed.parent == peer || feed.asked || track.denied_until[tree] > now || is_child(peer, tree)) continue;
      const std::size_t most = trees_each(neighbor) + std::min<std::size_t>(track.stripes[tree].wanted - 1, kMoreOfSource);
      if (trees_from(peer) >= std::min(most, track.trees_max_until > now ? track.trees_max : kTrees)) continue;
      if (wanted < kOrphanStripe && feed.delay_known && estimate_of(neighbor, tree) > feed.delay + kSpreadCost) continue;
      ask(tree, peer, now, plan);
      return;
    }
  }
}

void Feeds::optimise(const Neighbors& neighbors, Instant now, const IsChild& is_child, Plan& plan) {
  // One tree at a time: a soft one first, for its parent waits for that; else half the time the slowest, half any.
  std::size_t chosen = static_cast<std::size_t>(prng_.below(kTrees));
  if (prng_.chance(1, 2)) {
    for (std::size_t tree = 0; tree < kTrees; ++tree) {
      if (feeds_[tree].delay_known && feeds_[tree].delay > feeds_[chosen].delay) chosen = tree;
    }
  }
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    if (feeds_[tree].soft && feeds_[tree].parent && !feeds_[tree].asked) chosen = tree;
  }
  const Feed& feed = feeds_[chosen];
  if (!feed.parent || feed.asked) return;
  if (!feed.soft && (!feed.delay_known || now - feed.since < kTrial)) return;
  const auto parent = neighbors.find(*feed.parent);
  if (parent == neighbors.end()) return;
  Duration estimate;
  const Neighbor* best = best_parent(neighbors, chosen, Choice::kGood, now, is_child, estimate);
  // Rather much from one neighbor than a copy that its giver wants back.
  if (!best && feed.soft) best = best_parent(neighbors, chosen, Choice::kAny, now, is_child, estimate);
  if (!best) return;
  // Manifests carry no age: what is known of their way is what neighbors say.
  const Duration present = chosen == kManifestTree ? estimate_of(parent->second, chosen) : feed.delay + (parent->second.relayed ? kRelayed : 0ms);
  const Duration gain = std::max<Duration>(40ms, present * 15 / 100);   // hysteresis: a switch costs messages
  if (feed.soft || estimate + gain < present) ask(chosen, best->peer, now, plan);
}

void Feeds::ask(std::size_t tree, PeerId peer, Instant now, Plan& plan) {
  feeds_[tree].asked = peer;
  feeds_[tree].asked_at = now;
  plan.asks.push_back({peer, tree});
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
  if (!accepted) {
    hurry();
    return std::nullopt;
  }
  std::optional<End> end;
  // The parent before goes on up to the new one's first piece, if it lives and was any good.
  const bool seamless = feed.parent.has_value() && from <= feed.until && feed.missed == 0 && now - feed.pushed_at < kRhythmLost;
  if (feed.parent && *feed.parent != peer) end = End{*feed.parent, tree, from};
  leave(feed);
  feed.parent = peer;
  feed.since = now;
  feed.pushed_at = now;
  feed.from = from;
  if (!seamless) feed.covered_from = from;
  feed.path = std::move(path);
  feed.soft = soft;
  return end;
}

void Feeds::denied(PeerId peer, std::size_t tree) {
  if (feeds_[tree].asked == peer) feeds_[tree].asked.reset();
  hurry();
}

bool Feeds::path_changed(PeerId peer, std::size_t tree, std::vector<std::uint32_t> path, PeerId self) {
  Feed& feed = feeds_[tree];
  if (feed.parent != peer) return false;
  if (names(path, self)) {
    leave(feed);
    hurry();
    return true;
  }
  feed.path = std::move(path);
  return false;
}

void Feeds::evicted(PeerId peer, std::size_t tree, PieceNumber until) {
  Feed& feed = feeds_[tree];
  if (feed.parent != peer) return;
  feed.soft = true;
  feed.until = std::min(feed.until, until);
  hurry();
}

std::vector<Feeds::Place> Feeds::leave_all() { return leave_before(kTrees); }

std::vector<Feeds::Place> Feeds::leave_stripes() { return leave_before(kStripes); }

std::vector<Feeds::Place> Feeds::leave_before(std::size_t end) {
  std::vector<Place> left;
  for (std::size_t tree = 0; tree < end; ++tree) {
    Feed& feed = feeds_[tree];
    feed.asked.reset();   // should the answer be yes, the track is gone or tells it no
    if (!feed.parent) continue;
    left.push_back({*feed.parent, tree});
    leave(feed);
  }
  return left;
}

void Feeds::peer_gone(PeerId peer) {
  for (Feed& feed : feeds_) {
    if (feed.asked == peer) feed.asked.reset();
    if (feed.parent == peer) leave(feed);
  }
  hurry();
}

void Feeds::pushed_by(Neighbor& from, const Pushed& what, Instant now) {
  const auto& [tree, piece, age, in_time] = what;
  Feed& feed = feeds_[tree];
  if (feed.parent != from.peer) return;
  feed.pushed_at = now;
  if (piece) feed.pushed = std::max(feed.pushed.value_or(0), *piece);
  if (in_time) {
    feed.missed = 0;
    from.barren_for = 0ms;
  }
  const Duration claimed = from.role == Role::kSource ? 0ms : Duration{std::chrono::milliseconds{from.in(self_.rendition).stripes[tree].delay_ms}};
  const Duration excess = std::clamp<Duration>(age - claimed - from.rtt / 2, 0ms, kExcessMax);
  if (tree != kManifestTree && from.fed(self_.rendition, tree)) {
    from.excess = from.excess_known ? from.excess + (excess - from.excess) / 16 : excess;
    from.excess_known = true;
  }
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

void Feeds::came_by_request(PieceNumber piece) {
  Feed& feed = feeds_[stripe_of(piece)];
  if (!pushed(piece) || piece < feed.from) return;   // what the parent before owed is not this one's fault
  if (++feed.missed >= kMissedMax) hurry();
}

std::size_t Feeds::trees_each(const Neighbor& neighbor) const {
  const std::uint32_t slots = neighbor.in(self_.rendition).slots;
  return trees_each_ + (slots >= kManySlots ? 1 : 0) + (slots >= kVeryManySlots ? 1 : 0);
}

std::size_t Feeds::trees_fed_by(PeerId peer) const {
  std::size_t trees = 0;
  for (std::size_t tree = 0; tree < kStripes; ++tree) trees += feeds_[tree].parent == peer ? 1 : 0;
  return trees;
}

std::size_t Feeds::trees_from(PeerId peer) const {
  std::size_t trees = 0;
  for (std::size_t tree = 0; tree < kStripes; ++tree) trees += feeds_[tree].parent == peer || feeds_[tree].asked == peer ? 1 : 0;
  return trees;
}

Duration Feeds::estimate_of(const Neighbor& neighbor, std::size_t tree) const {
  const NeighborTrack& track = neighbor.in(self_.rendition);
  const bool source = neighbor.role == Role::kSource;
  Duration estimate = neighbor.rtt / 2 + kEachMore * static_cast<int>(trees_from(neighbor.peer));
  if (!source) estimate += std::chrono::milliseconds{track.stripes[tree].delay_ms};
  if (neighbor.relayed) estimate += kRelayed;
  if (tree == kManifestTree) return estimate;   // it waits behind nothing
  if (neighbor.excess_known) return estimate + neighbor.excess;
  // Never tried: a piece on its line, and the wait behind those for other children; but hardly better than those that were tried.
  Duration wait = neighbor.queue;
  if (track.slots > 0) {
    const std::int64_t upload = self_.unit_bits_per_s * track.slots;
    wait += Duration{static_cast<std::int64_t>(wire::kPieceBytesMax) * 8'000'000 / upload};
    const std::int64_t used = track.slots - std::min(track.slots, track.slots_free);
    wait += kLoad * (used * used) / (std::int64_t{track.slots} * track.slots);
  }
  return estimate + std::max(wait, usual_excess_);
}

Duration Feeds::usual_excess(const Neighbors& neighbors) {
  std::vector<Duration> known;
  for (const auto& [peer, neighbor] : neighbors) {
    if (neighbor.excess_known) known.push_back(neighbor.excess);
  }
  if (known.size() < kTriedMin) return 0ms;
  const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
  std::nth_element(known.begin(), middle, known.end());
  return *middle;
}

void Feeds::leave(Feed& feed) {
  feed.parent.reset();
  feed.path.clear();
  feed.soft = false;
  feed.until = UINT32_MAX;
  feed.delay_known = false;
  feed.missed = 0;
  feed.pushed.reset();
  feed.dry = false;
}

void Feeds::check_invariants() const {
  for (const Feed& feed : feeds_) {
    CHECK(!feed.parent || !feed.path.empty(), "a parent without a path to the source");
    CHECK(feed.path.size() <= wire::kPathLengthMax, "a path beyond its limit");
  }
}

}  // namespace p2p::mesh
