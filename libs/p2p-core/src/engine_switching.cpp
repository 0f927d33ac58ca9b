#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>

#include "base/hex.hpp"
#include "engine_impl.hpp"

// From one rendition to another. The new one joins beside the old: it is subscribed in all stripes first. Then both know the segment at
// which it takes over, and the old goes on until the first part of that segment is here. Links stay as they are.
namespace p2p::mesh {
namespace {

/// Nobody feeds it by then: nobody near has it, or there is no room.
constexpr Duration kJoinMax = 10s;
constexpr Duration kJoinMaxDown = 30s;
/// Playback waits so long for the first part of the other; then the old goes on for a segment more.
constexpr Duration kHoldMax = 700ms;
/// What comes after so long a queue is too late to be played.
constexpr Duration kQueueTooLong = 1500ms;
/// From capture to verified: where it takes longer, there is no room for a better one.
constexpr Duration kEarly = 650ms;
/// A queue as long as this says by itself that the line is full (quality.cpp).
constexpr Duration kQueueSeen = 600ms;
/// As much before a link says that it is full.
constexpr Duration kLinkQueue = 400ms;
/// A part that could not be played by then is late.
constexpr Duration kLate = 1200ms;
/// A round trip to ask for all stripes, and to be answered.
constexpr Duration kChangeAhead = 500ms;
/// Who passes nothing on takes what only the source has after so long.
constexpr Duration kSourceAfter = 10s;

std::string name_of(const wire::RenditionHeader& header) {
  const std::string rate = std::to_string(header.bits_per_s / 1000) + " kbit/s";
  return header.height == 0 ? "audio, " + rate : std::to_string(header.height) + "p, " + rate;
}

}  // namespace

void Engine::Impl::mind_quality() {
  quality_at_ = now_ + Quality::kEvery;
  const std::optional<Duration> queue = line_queue_.take();
  const auto skipped = static_cast<std::uint32_t>(skipped_ - std::exchange(skipped_then_, skipped_));
  if (leaving_ || renditions_.size() < 2 || !main().known() || !main().playout.started() || main().ends_at) return;
  std::optional<Quality::Trying> trying;
  if (tracks_.size() > 1) trying = {.id = tracks_[1]->id(), .probe = tracks_[1]->partial()};
  if (present_since_ == kNever) present_since_ = now_;
  const Quality::Seen seen{.received_bits_per_s = received_1s_.sum(now_) * 8, .arriving_bits_per_s = received_500ms_.sum(now_) * 16, .queue = queue,
                           .skipped = skipped, .late = held_up_on_links(), .fed = !main().starving(), .pauses = main().pauses(), .early = delay_ < kEarly};
  const Quality::Verdict verdict = quality_.look(options_to_play(), main().id(), trying, seen, now_);
  switch (verdict.kind) {
    case Quality::Verdict::Kind::kStay:
      if (trying) end_if_full(trying->id, seen.late);
      return;
    case Quality::Verdict::Kind::kGiveUp: return abandon_switch(verdict.why);
    case Quality::Verdict::Kind::kProbe: return begin_switch(verdict.to, verdict.stripes, verdict.why);
    case Quality::Verdict::Kind::kGo: break;
  }
  if (trying && trying->id != verdict.to) abandon_switch(verdict.why);
  // A line that cannot carry both changes close to where the next segment starts.
  const bool tight = trying && trying->probe && trying->id == verdict.to && tight_with(verdict.to);
  if (tight && main().rest_of_segment() > kChangeAhead) return;
  begin_switch(verdict.to, kStripes, verdict.why);
  if (tight) end_with_segment(main());
  end_if_full(verdict.to, seen.late);
}

/// The next part is late, and so is what nearly all say who feed us, though nothing queues before our line: it drops what it cannot take, and
/// the links wait for that to be sent again.
bool Engine::Impl::held_up_on_links() const {
  const ManifestLog::Entry* next = main().log.find(main().playout.cursor());
  if (!next || now_ - made_at(next->part) <= kLate || quality_.queue() >= kQueueSeen) return false;
  std::size_t held_up = 0, fed = 0;
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    const auto& parent = main().feeds.feed(tree).parent;
    fed += parent ? 1 : 0;
    held_up += parent && line_queue_.of(*parent) > kLinkQueue ? 1 : 0;
  }
  return fed > 0 && held_up * 4 >= fed * 3;
}

/// As far as is known the line does not carry that one beside the present one.
bool Engine::Impl::tight_with(RenditionId other) const {
  return !quality_.carries(std::int64_t{main().bits_per_s} + renditions_.at(other).header.bits_per_s);
}

/// On the way down, when the line is full: the old one brings its segment to an end and no more, and not even that when what is under way fills
/// the line for longer than playback can wait.
void Engine::Impl::end_if_full(RenditionId to, bool late) {
  if (unit_bits_per_s(to) >= main().unit_bits_per_s() || (line_queue() == 0ms && !late)) return;
  end_with_segment(main());
  // What a long queue holds comes by itself; what was dropped would have to be sent again, and keep the new one waiting.
  if (late) end_now(main(), main().playout.cursor());
  else if (quality_.queue() > kQueueTooLong) end_now(main(), main().log.end());
}

void Engine::Impl::end_now(Track& old, PieceNumber wanted_before) {
  if (old.wanted_before && *old.wanted_before <= wanted_before) return;
  old.wanted_before = wanted_before;
  old.repair.forget_from(*old.wanted_before);
  tell_left(old, old.feeds.leave_stripes(), 0);
}

std::vector<Quality::Option> Engine::Impl::options_to_play() const {
  std::vector<Quality::Option> options;
  for (const auto& [id, known] : renditions_) {
    options.push_back({.id = id, .bits_per_s = known.header.bits_per_s, .supplied = id == main().id() || supplied(id)});
  }
  return options;
}

/// Somebody has each of its stripes and room for one more child, and all together have room for all of it. The source's copies are for those
/// who pass on more than they get, until there are others: who does not waits a while before it takes one.
bool Engine::Impl::supplied(RenditionId rendition) const {
  std::size_t room = 0;
  std::array<bool, kStripes> found{};
  const std::int64_t unit = std::max<std::int64_t>(renditions_.at(rendition).header.bits_per_s / kStripes, 1);
  const std::uint32_t slots = slots_for(unit);
  const std::int64_t weight = believed(slots, unit, gives_kbit_per_s(), attested_kbit_per_s_);
  const bool from_source = slots >= kStripes || now_ - present_since_ > kSourceAfter;
  for (const auto& [peer, neighbor] : neighbors_) {
    const NeighborTrack& there = neighbor.in(rendition);
    if (!neighbor.greeted || !neighbor.giving || neighbor.leaving || now_ - there.told_at >= kFollowsFor) continue;
    if (neighbor.role == Role::kSource && !from_source) continue;
    std::size_t stripes = 0;
    for (std::size_t tree = 0; tree < kStripes; ++tree) stripes += neighbor.fed(rendition, tree) ? 1 : 0;
    // Who passes on more than its children would take the place of one. Among viewers that would only move the want.
    const bool displaces = neighbor.role == Role::kSource && there.slots > 0 && weight > std::int64_t{there.full_below} * static_cast<std::int64_t>(stripes);
    const std::size_t gives = displaces ? stripes : std::min<std::size_t>(stripes, there.slots_free);
    if (gives == 0) continue;
    room += gives;
    for (std::size_t tree = 0; tree < kStripes; ++tree) found[tree] = found[tree] || neighbor.fed(rendition, tree);
  }
  return room >= kStripes && std::ranges::all_of(found, std::identity{});
}

/// Links are sought to those who have the best rendition that our line may carry, until neighbors bring it.
Membership::Need Engine::Impl::need_of_links() const {
  Membership::Need need{.starving = starving(), .rendition = {}};
  if (options_.source || renditions_.size() < 2 || !main().known()) return need;
  need.rendition = tracks_.back()->id();
  std::int64_t best = main().bits_per_s;
  for (const Quality::Option& option : options_to_play()) {
    if (option.bits_per_s <= best || option.supplied || !quality_.may_try(option, now_)) continue;
    best = option.bits_per_s;
    need.rendition = option.id;
    need.seeking = true;
  }
  return need;
}

/// With fewer stripes than all it is a probe; a probe that fits is joined by the rest.
void Engine::Impl::begin_switch(RenditionId to, std::size_t stripes, const std::string& why) {
  const wire::RenditionHeader& header = renditions_.at(to).header;
  decide((stripes < kStripes ? "probes " : "goes to ") + name_of(header) + ": " + why, Topic::kQuality);
  if (tracks_.size() == 1) {
    Track& added = add_track(to);
    added.bits_per_s = header.bits_per_s;
    added.joining = true;
    uplink_.budget().set_rate(upload_bits_per_s(), now_);
    for (auto& [peer, neighbor] : neighbors_) {
      if (neighbor.greeted) send_have(added, neighbor, 0, 0, false, false);   // who has it tells what
    }
  }
  Track& next = *tracks_[1];
  next.stripes = stripes;
  next.joined_at = now_;
  next.feeds.hurry();
  plan_feeds(next);
}

void Engine::Impl::mind_switch() {
  if (options_.source || tracks_.size() < 2) return;
  Track& old = main();
  Track& next = *tracks_[1];
  if (next.partial()) return;
  if (old.ends_at) {
    if (old.playout.ended()) finish_switch();
    return;
  }
  // Nobody goes back to what does not fit: what neighbors say and send comes late where a line or a link was overrun, and waits for what was dropped.
  const bool back_to_more = old.last_segment && next.unit_bits_per_s() < old.unit_bits_per_s();
  if (now_ - next.joined_at > (back_to_more ? kJoinMaxDown : kJoinMax)) {
    quality_.failed(next.id(), now_);
    return abandon_switch("nobody feeds it");
  }
  if (!old.hold_segment && (next.starving() || !old.playout.started())) return;
  if (!old.hold_segment) hold_at(old, old.segment_to_come());
  const ManifestLog::Entry* start = next.start_from(*old.hold_segment);
  if (start && start->part.segment != *old.hold_segment && !old.last_segment) start = nullptr;
  if (start && !next.wanted_from) {
    next.wanted_from = start->part.first;
    want_known(next);
  }
  if (start && next.complete(start->part)) return take_over(old, next, start->part);
  if (old.last_segment) {   // nothing more comes of the old one: whatever begins soonest
    const ManifestLog::Entry* later = next.newest_start_here();
    if (later && later->part.segment > *old.last_segment && next.complete(later->part)) take_over(old, next, later->part);
    return;
  }
  if (!old.held()) {
    old.held_since.reset();
  } else if (!old.held_since) {
    old.held_since = now_;
  } else if (now_ - *old.held_since > kHoldMax) {
    old.hold_segment.reset();
    old.held_since.reset();
    next.wanted_from.reset();
    next.repair.forget_from(0);
    play(old);
  }
}

/// Playback of it stops there; its children need another parent.
void Engine::Impl::hold_at(Track& old, std::uint32_t segment) {
  old.hold_segment = segment;
  for (const auto& [peer, neighbor] : neighbors_) {
    for (std::size_t tree = 0; tree < kTrees; ++tree) evict(old, {peer, tree}, PeerId{}, old.log.end() + old.pieces_in(kGrace), false);
  }
}

void Engine::Impl::end_with_segment(Track& old) {
  if (old.last_segment || !old.log.newest()) return;
  old.last_segment = old.log.newest()->part.segment;
  old.stripes = 0;
  hold_at(old, *old.last_segment + 1);
  tell_left(old, old.feeds.leave_stripes(), old.log.end() + old.pieces_in(old.rest_of_segment()));
}

void Engine::Impl::take_over(Track& old, Track& next, const wire::ManifestEntry& start) {
  const std::uint32_t segment = old.last_segment ? *old.last_segment + 1 : start.segment;
  const ManifestLog::Entry* end = old.start_from(segment);
  old.ends_at = end ? end->part.first : old.log.end();
  // What is not here by now was given up.
  if (old.wanted_before && *old.wanted_before <= old.playout.cursor()) old.ends_at = std::min(*old.ends_at, old.playout.cursor());
  old.hold_segment.reset();
  old.playout.end_at(*old.ends_at);
  old.repair.forget_from(*old.ends_at);
  leave_feeds(old, *old.ends_at);
  next.playout.start_at(start.first);
  if (old.playout.ended()) finish_switch();
}

void Engine::Impl::leave_feeds(Track& track, PieceNumber until) { tell_left(track, track.feeds.leave_all(), until); }

void Engine::Impl::tell_left(const Track& track, const std::vector<Feeds::Place>& places, PieceNumber until) {
  for (const Feeds::Place& left : places) {
    Neighbor* parent = find(left.peer);
    if (!parent) continue;
    parent->in(track.id()).subscribed_until[left.tree] = now_ + kLeftovers;
    send(left.peer, wire::Unsubscribe{.rendition = track.number(), .stripe = tree_to_wire(left.tree), .until = until});
  }
  status_at_ = std::min(status_at_, now_ + kStatusSoon);
}

void Engine::Impl::finish_switch() {
  const Track& old = main();
  const std::uint32_t first = tracks_[1]->segment_to_come();
  const bool after_loss = old.playout.after_loss() || (old.last_segment && first > *old.last_segment + 1);
  drop_track(0);
  present_since_ = now_;
  Track& present = main();
  present.joining = false;
  present.wanted_from.reset();
  present.playout.start_at(present.playout.cursor(), after_loss);
  report_at_ = now_;   // others look for who has it
  decide("plays " + name_of(renditions_.at(present.id()).header), Topic::kQuality);
  play_rendition(present.id());
  want_known(present);
  play(present);
}

void Engine::Impl::abandon_switch(const std::string& why) {
  decide("gives up " + name_of(renditions_.at(tracks_[1]->id()).header) + ": " + why, Topic::kQuality);
  leave_feeds(*tracks_[1], 0);
  drop_track(1);
  main().hold_segment.reset();
  main().held_since.reset();
  main().last_segment.reset();
  main().wanted_before.reset();
  main().stripes = kStripes;
  main().feeds.hurry();
  play(main());
}

void Engine::Impl::drop_track(std::size_t index) {
  const Track& track = *tracks_[index];
  for (const auto& [peer, neighbor] : neighbors_) {
    if (!neighbor.greeted) continue;
    for (std::size_t tree = 0; tree < kTrees; ++tree) {
      // Not until 0, which would mean that it may ask again.
      if (track.children.is_child(peer, tree)) send(peer, wire::Evict{.rendition = track.number(), .stripe = tree_to_wire(tree), .until = 1});
    }
    send(peer, wire::Status{.rendition = track.number(), .role = static_cast<std::uint8_t>(role()), .giving = giving()});   // no stripe is fed
  }
  uplink_.forget(track.id());
  tracks_.erase(tracks_.begin() + static_cast<std::ptrdiff_t>(index));
  uplink_.budget().set_rate(upload_bits_per_s(), now_);
  status_at_ = std::min(status_at_, now_ + kStatusSoon);
}

void Engine::Impl::play_rendition(RenditionId rendition) {
  const wire::RenditionHeader& header = renditions_.at(rendition).header;
  out_.push_back(PlayRendition{{.id = rendition, .codecs = header.codecs, .width = header.width, .height = header.height,
                                .bits_per_s = header.bits_per_s, .init = Payload::copy_of(header.init)}});
}

}  // namespace p2p::mesh
