#include <algorithm>
#include <utility>

#include "base/hex.hpp"
#include "engine_impl.hpp"

namespace p2p::mesh {
namespace {

constexpr std::size_t kManifestsPerAnswerMax = 64;
constexpr PieceNumber kFromNewestStart = UINT32_MAX;   ///< in ManifestRequest: from where playback could start
constexpr int kWayForgets = 1'000;                      ///< a millisecond in a second
constexpr Duration kCatchUp = 1500ms;                  ///< of what it missed a new child is pushed so much; older pieces come too late to be played
constexpr Duration kSpare = 100ms;                     ///< a source that has less to send is not busy
constexpr Duration kGoodbye = 1s;                      ///< drivers hang up about so long after a goodbye
constexpr Duration kBusyAfter = 250ms;                 ///< a request that would wait longer is better asked elsewhere

}  // namespace

void Engine::Impl::on_message(Neighbor& from, wire::Hello& message) {
  if (message.version != wire::kVersion || message.stream != options_.stream) {
    misbehaved(from.peer, "belongs to another stream or speaks another version");
    return;
  }
  if (from.greeted) return;
  from.greeted = true;
  from.giving = message.giving;
  // Who the source is, the directory says; a peer may not call itself that.
  if (from.role != Role::kSource) from.role = static_cast<Role>(std::min<std::uint8_t>(message.role, static_cast<std::uint8_t>(Role::kSuperSeed)));
  from.fresh = message.fresh;
  if (message.chat) chat_greeted(from);
  send_headers(from);
  if (message.fresh) send_manifests(main(), from.peer, kFromNewestStart);
  send_have(main(), from, main().store.oldest(), main().store.end(), true, true);
  for (auto& track : tracks_) {
    if (track.get() != &main()) send(from.peer, status_to_tell(*track));
  }
  plan_feeds();
}

void Engine::Impl::on_message(Neighbor& from, wire::Have& message) {
  learn_have(from, message);
  if (message.status) on_message(from, *message.status);
}

void Engine::Impl::learn_have(Neighbor& from, const wire::Have& message) {
  NeighborTrack& there = from.in(RenditionId{message.rendition});
  Track* const known = track_of(message.rendition);
  if (known && !follows(from, *known)) send_have(*known, from, known->store.oldest(), known->store.end(), true, false);
  there.told_at = now_;
  there.has.drop_before(message.oldest);
  for (std::size_t i = 0; i < message.bits.size() * 8; ++i) {
    if ((std::to_integer<unsigned>(message.bits[i / 8]) >> (i % 8) & 1) != 0) there.has.add(message.base + static_cast<PieceNumber>(i));
  }
  from.queue = std::chrono::milliseconds{message.queue_ms};
  if (!options_.source && renditions_.size() > 1) line_queue_.heard(from.peer, message.clock_ms, now_);
  from.last_clock_ms = message.clock_ms;
  from.last_clock_at = now_;
  if (message.echo_ms != 0) {
    const auto here_ms = static_cast<std::uint32_t>(now_.time_since_epoch() / 1ms);
    const std::uint32_t trip_ms = here_ms - message.echo_ms;
    if (trip_ms < 10'000) {
      const Duration trip = std::chrono::milliseconds{trip_ms};
      // The least of recent trips is the line; what is above it is a queue. So: down at once, up slowly.
      from.rtt = !from.rtt_known || trip < from.rtt ? trip : from.rtt + (trip - from.rtt) / 16;
      // A queue may stand for as long as a line is narrow; a way that changes is found out in minutes.
      from.rtt_least = from.rtt_known ? std::min(trip, from.rtt_least + (now_ - from.rtt_at) / kWayForgets) : trip;
      from.rtt_at = now_;
      from.rtt_known = true;
    }
  }
  if (!known) return;
  Track& track = *known;
  // Who waits for the first picture asks at once whoever has something of it.
  if (!track.playout.started()) start_playback(track);
  else if (!options_.source && played_ == 0 && !track.joining) plan_repair(track);
  // It holds pieces of parts that we do not know of: the manifest is late.
  const bool behind = there.has.end() > track.log.end() || track.log.first_gap();
  const bool patient = track.feeds.feed(kManifestTree).parent && now_ - track.feeds.feed(kManifestTree).pushed_at < 600ms && !track.log.first_gap();
  if (behind && !patient && track.known() && now_ - there.manifest_asked_at > 400ms) {
    there.manifest_asked_at = now_;
    const PieceNumber ask = track.log.newest() ? track.log.first_gap().value_or(track.log.end()) : kFromNewestStart;
    send(from.peer, wire::ManifestRequest{.rendition = track.number(), .from = ask});
  }
}

void Engine::Impl::on_message(Neighbor& from, wire::Status& message) {
  if (from.role != Role::kSource) from.role = static_cast<Role>(std::min<std::uint8_t>(message.role, static_cast<std::uint8_t>(Role::kSuperSeed)));
  from.giving = message.giving;
  from.gives_kbit_per_s = message.gives_kbit_per_s;
  from.told = RenditionId{message.rendition};
  NeighborTrack& there = from.in(from.told);
  there.told_at = now_;
  there.slots = message.slots;
  there.slots_free = message.slots_free;
  there.full_below = message.full_below;
  uplink_.set_weight(from.peer, weight_of(from.peer));
  const bool had_none = std::all_of(there.stripes.begin(), there.stripes.end(),
                                    [](const wire::StripeState& s) { return s.delay_ms == wire::StripeState::kUnfed; });
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    there.stripes[tree] = tree < message.stripes.size() ? message.stripes[tree] : wire::StripeState{};
  }
  if (had_none) {
    for (auto& track : tracks_) track->feeds.hurry();
    plan_feeds();
  }
}

void Engine::Impl::on_message(Neighbor& from, wire::Subscribe& message) {
  const std::size_t tree = tree_from_wire(message.stripe);
  Track* const carried = track_of(message.rendition);
  if (tree == kTrees || !carried || !carried->known()) return;
  Track& track = *carried;
  // We can feed only what we get; whom we are fed by, or have asked, we do not feed in the same tree.
  const Feeds::Feed& feed = track.feeds.feed(tree);
  const bool fed = options_.source || (track.fed(tree) && !track.partial());
  const bool circle = feed.parent == from.peer || feed.asked == from.peer ||
                      std::find(feed.path.begin(), feed.path.end(), path_name(from.peer)) != feed.path.end();
  from.gives_kbit_per_s = message.gives_kbit_per_s;
  Children::Admission admission;
  // Whoever has been without a parent also gets what it missed in the last seconds, without asking for each piece.
  const PieceNumber past = track.pieces_in(kCatchUp);
  const PieceNumber oldest = track.log.end() > past ? track.log.end() - past : 0;
  const PieceNumber next = message.from == wire::kFromNow ? (options_.source ? track.log.end() : track.to_come(tree)) : std::max(message.from, oldest);
  bool link_full = !link_carries_more(track, from.peer, tree);
  if (track.children.is_child(from.peer, tree)) {
    link_full = !link_carries(from.peer, promised_bits_per_s(from.peer));   // it was to go for that, and asks to go on
  } else if (tree != kManifestTree) {
    from.link_missed = link_full;
    // Who has a parent can wait until the link is wide enough.
    if (widen(from, promised_bits_per_s(from.peer) + track.unit_bits_per_s()) && message.fed) link_full = true;
  }
  const bool too_deep = track.path_in(tree, membership_.self()).size() > wire::kPathLengthMax;   // no message could say where it would be
  if (fed && !circle && !too_deep && giving() && !leaving_) {
    const Children::Asker asker{.peer = from.peer, .fed = message.fed, .link_full = link_full, .passes_on = from.giving && from.in(from.told).slots > 0};
    admission = track.children.ask(asker, tree, next, capacity(track), [&](PeerId peer) { return weight_of(peer); }, now_);
  }
  if (!admission.admitted) {
    wire::Denied denied{.rendition = track.number(), .stripe = message.stripe, .link_full = link_full};
    for (const Children::Child& child : track.children.of(tree)) {
      if (denied.hints.size() < 4 && child.peer != from.peer) denied.hints.push_back(child.peer);
    }
    send(from.peer, denied);
    return;
  }
  send(from.peer, wire::Subscribed{.rendition = track.number(), .stripe = message.stripe, .from = next, .path = track.path_in(tree, membership_.self()),
                                   .soft = admission.soft});
  if (tree != kManifestTree) push_held(track, from, next);
  if (admission.evicted) evict(track, *admission.evicted, from.peer, capacity(track).grace_until, false);
  if (tree == kManifestTree) {
    // The newcomer's first manifests: from where it can start, or from where it says it is.
    send_manifests(track, from.peer, message.from == 0 ? kFromNewestStart : message.from);
  }
}

void Engine::Impl::on_message(Neighbor& from, wire::Subscribed& message) {
  const std::size_t tree = tree_from_wire(message.stripe);
  Track* const carried = track_of(message.rendition);
  if (tree == kTrees || message.path.empty() || !membership_.self()) return;
  if (!carried || carried->ends_at) {   // it was asked while we carried it
    from.in(RenditionId{message.rendition}).subscribed_until[tree] = now_ + kLeftovers;
    send(from.peer, wire::Unsubscribe{.rendition = message.rendition, .stripe = message.stripe, .until = 0});
    return;
  }
  Track& track = *carried;
  NeighborTrack& there = from.in(track.id());
  bool accepted = false;
  const bool was_fed = track.fed(tree);
  const std::optional<PeerId> before = track.feeds.feed(tree).parent;
  const auto end = track.feeds.subscribed(from.peer, tree, message.from, std::move(message.path), message.soft, *membership_.self(), now_, accepted);
  if (!accepted) {
    there.subscribed_until[tree] = now_ + kLeftovers;
    send(from.peer, wire::Unsubscribe{.rendition = track.number(), .stripe = message.stripe, .until = 0});
    there.denied_until[tree] = now_ + 4 * kDeniedFor;   // it stands below us
    return;
  }
  if (before != from.peer) {
    decide("stripe " + std::to_string(tree) + " comes from " + short_name(from.peer) + (before ? " and no longer from " + short_name(*before) : "") +
           (message.soft ? ", who would rather not" : ""), Topic::kFeed);
  }
  if (end) {
    send(end->peer, wire::Unsubscribe{.rendition = track.number(), .stripe = message.stripe, .until = end->until});
    if (Neighbor* old = find(end->peer)) old->in(track.id()).subscribed_until[tree] = now_ + kLeftovers;
  }
  // Newcomers wait for somebody who is fed: they should not have to wait for the next second.
  if (!was_fed) status_at_ = std::min(status_at_, now_ + kStatusSoon);
  send_path(track, tree);
}

void Engine::Impl::on_message(Neighbor& from, wire::Denied& message) {
  const std::size_t tree = tree_from_wire(message.stripe);
  Track* const carried = track_of(message.rendition);
  if (tree == kTrees || !carried) return;
  Track& track = *carried;
  track.feeds.denied(from.peer, tree);
  if (message.link_full) link_is_full(track, from, 0);
  from.in(track.id()).denied_until[tree] = now_ + kDeniedFor + Duration{prng_.between(0, kDeniedFor.count() / 2)};
  // Who sits there may have room: worth knowing when nobody else is.
  for (const PeerId hint : message.hints) membership_.heard_of({.peer = hint, .receiving = true}, from.peer, now_);
  plan_feeds();
}

void Engine::Impl::on_message(Neighbor& from, wire::Unsubscribe& message) {
  const std::size_t tree = tree_from_wire(message.stripe);
  Track* const carried = track_of(message.rendition);
  if (tree == kTrees || !carried) return;
  Track& track = *carried;
  track.children.unsubscribe(from.peer, tree, message.until, track.log.end());
}

void Engine::Impl::on_message(Neighbor& from, wire::Evict& message) {
  const std::size_t tree = tree_from_wire(message.stripe);
  Track* const carried = track_of(message.rendition);
  if (tree == kTrees || !carried) return;
  Track& track = *carried;
  track.feeds.evicted(from.peer, tree, message.until);
  // Ended at once: it heard nothing from here for a while, and would feed us again.
  if (message.until > 0) from.in(track.id()).denied_until[tree] = now_ + 4 * kDeniedFor;
  decide(short_name(from.peer) + " will not feed stripe " + std::to_string(tree) + " much longer" + (message.link_full ? ": the link is full" : ""), Topic::kFeed);
  if (message.link_full) link_is_full(track, from, 1);
  if (message.hint.value != 0) membership_.heard_of({.peer = message.hint, .receiving = true}, from.peer, now_);
  plan_feeds();
}

void Engine::Impl::push_held(const Track& track, Neighbor& to, PieceNumber from) {
  for (PieceNumber piece = from; piece < std::min(track.log.end(), track.store.end()); ++piece) {
    if (stripe_of(piece) != stripe_of(from) || to.in(track.id()).has.has(piece)) continue;
    const PieceStore::Held* held = track.store.find(piece);
    if (held) (void)uplink_.push(to.peer, outgoing(track, piece, held->bytes.size()), false, now_);
  }
}

void Engine::Impl::on_message(Neighbor& from, wire::Path& message) {
  const std::size_t tree = tree_from_wire(message.stripe);
  Track* const carried = track_of(message.rendition);
  if (tree == kTrees || !carried || message.path.empty() || !membership_.self()) return;
  Track& track = *carried;
  NeighborTrack& there = from.in(track.id());
  if (track.feeds.feed(tree).parent != from.peer || track.feeds.feed(tree).path == message.path) return;
  const bool was_rooted = track.feeds.rooted(tree);
  if (track.feeds.path_changed(from.peer, tree, std::move(message.path), *membership_.self())) {
    decide("leaves " + short_name(from.peer) + " in stripe " + std::to_string(tree) + ": its path leads through here", Topic::kFeed);
    there.subscribed_until[tree] = now_ + kLeftovers;
    send(from.peer, wire::Unsubscribe{.rendition = track.number(), .stripe = message.stripe, .until = 0});
    there.denied_until[tree] = now_ + 4 * kDeniedFor;
    plan_feeds();
    return;
  }
  if (track.feeds.rooted(tree) != was_rooted) {
    status_at_ = std::min(status_at_, now_ + kStatusSoon);
    track.feeds.hurry();
  }
  send_path(track, tree);
}

void Engine::Impl::on_message(Neighbor& from, wire::Request& message) {
  Track* const carried = track_of(message.rendition);
  wire::Unavailable gone{.rendition = message.rendition, .reason = wire::Unavailable::Reason::kGone};
  wire::Unavailable busy{.rendition = message.rendition, .reason = wire::Unavailable::Reason::kBusy};
  for (const PieceNumber piece : message.pieces) {
    const PieceStore::Held* held = carried ? carried->store.find(piece) : nullptr;
    if (!held || (!giving() && !options_.source)) {
      gone.pieces.push_back(piece);
    } else if (message.urgent ? !options_.source && uplink_.wait(from.peer) > kBusyAfter
                              : uplink_.wait(from.peer) > kBusyAfter || others_have(*carried, piece)) {
      busy.pieces.push_back(piece);
    } else {
      const Uplink::Piece sent = outgoing(*carried, piece, held->bytes.size());
      (void)(message.urgent ? uplink_.push(from.peer, sent, true, now_) : uplink_.request(from.peer, sent, now_));
    }
  }
  if (!gone.pieces.empty()) send(from.peer, gone);
  if (!busy.pieces.empty()) send(from.peer, busy);
}

void Engine::Impl::on_message(Neighbor& from, wire::Cancel& message) {
  for (const PieceNumber piece : message.pieces) {
    if (!message.still_missing) from.in(RenditionId{message.rendition}).has.add(piece);
    uplink_.cancel(from.peer, RenditionId{message.rendition}, piece, message.still_missing);
  }
}

void Engine::Impl::on_message(Neighbor& from, wire::Unavailable& message) {
  Track* const carried = track_of(message.rendition);
  if (!carried) return;
  Track& track = *carried;
  for (const PieceNumber piece : message.pieces) {
    if (from.requests_open > 0 && track.repair.asked(from.peer, piece)) --from.requests_open;
    if (message.reason == wire::Unavailable::Reason::kGone) from.in(track.id()).has.remove(piece);
    track.repair.unavailable(from.peer, piece, now_);
  }
  if (message.reason == wire::Unavailable::Reason::kBusy) from.busy_until = now_ + 300ms;
  plan_repair(track);
}

void Engine::Impl::on_manifest(Neighbor& from, wire::Manifest& message, const Payload& as_it_came) {
  auto parts = wire::decode_manifest(message.batch);
  if (!parts) {
    misbehaved(from.peer, parts.error().text);
    return;
  }
  const std::uint8_t rendition = parts->front().rendition;
  const Track* track = track_of(rendition);
  const bool news = track && std::any_of(parts->begin(), parts->end(), [&](const wire::ManifestEntry& part) { return !track->log.find(part.first); });
  if (!news || pending_.size() >= kPendingMax) return;
  const RequestId request{next_request_++};
  Pending pending{.kind = Pending::Kind::kManifest, .from = from.peer, .rendition = RenditionId{rendition}, .asked_at = now_, .parts = std::move(*parts)};
  Bytes signed_text = wire::signed_manifest(message.batch);
  const Signature signature = message.signature;
  // What goes on is as this version writes it. Mostly it came so: then all who hold it share its bytes.
  Bytes encoded = wire::encode(wire::Message{std::move(message)});
  pending.bytes = std::ranges::equal(encoded, as_it_came.view()) ? as_it_came : Payload{std::move(encoded)};
  pending_.emplace(request, std::move(pending));
  out_.push_back(CheckSignature{request, std::move(signed_text), signature});
}

void Engine::Impl::on_message(Neighbor& from, wire::ManifestRequest& message) {
  const Track* track = track_of(message.rendition);
  if (track && track->known()) send_manifests(*track, from.peer, message.from);
}

void Engine::Impl::on_message(Neighbor& from, wire::Header& message) {
  if (options_.source || pending_.size() >= kPendingMax) return;
  auto header = wire::decode_header(message.blob);
  if (!header) {
    misbehaved(from.peer, header.error().text);
    return;
  }
  if (renditions_.contains(RenditionId{header->rendition})) return;
  const RequestId request{next_request_++};
  Bytes signed_text = wire::signed_header(message.blob);
  const Signature signature = message.signature;
  Pending pending{.kind = Pending::Kind::kHeader, .from = from.peer, .asked_at = now_, .header = std::move(*header)};
  pending.bytes = Payload{wire::encode(wire::Message{std::move(message)})};
  pending_.emplace(request, std::move(pending));
  out_.push_back(CheckSignature{request, std::move(signed_text), signature});
}

void Engine::Impl::on_message(Neighbor& from, wire::Bye&) {
  from.leaving = true;
  // It still sends until the link closes: the trees that it feeds look for another parent while it does.
  for (auto& track : tracks_) {
    const PieceNumber until = track->log.end() + track->pieces_in(kGoodbye);
    for (std::size_t tree = 0; tree < kTrees; ++tree) {
      track->feeds.evicted(from.peer, tree, until);
      track->children.unsubscribe(from.peer, tree, 0, track->log.end());
    }
  }
  plan_feeds();
}

/// The one that is played here first: a newcomer begins with the first that it gets, and finds it here.
void Engine::Impl::send_headers(Neighbor& to) {
  const auto send_one = [&](RenditionId id) {
    const auto known = renditions_.find(id);
    const std::uint32_t bit = 1u << id.value;
    if (known == renditions_.end() || (to.headers_sent & bit) != 0) return;
    to.headers_sent |= bit;
    // Whoever knew the stream when the link came up has the header of its only rendition.
    if (!to.fresh && !options_.source && renditions_.size() == 1) return;
    send(to.peer, known->second.message);
  };
  send_one(main().id());
  for (const auto& [id, known] : renditions_) send_one(id);
}

void Engine::Impl::send_manifests(const Track& track, PeerId to, PieceNumber from) {
  const ManifestLog::Entry* first = nullptr;
  if (from == kFromNewestStart) {
    first = track.newest_start_here();
  } else {
    first = track.log.find(from);
    if (!first) first = track.log.at_or_after(from);
  }
  if (!first) return;
  const std::size_t place = track.log.place_at_or_after(first->part.first);
  const std::size_t end = std::min(track.log.entries().size(), place + kManifestsPerAnswerMax);
  for (std::size_t at = place; at < end; ++at) send(to, track.log.entries()[at].message);
}

void Engine::Impl::send_path(Track& track, std::size_t tree) {
  const std::vector<std::uint32_t> path = track.path_in(tree, membership_.self());
  if (path.size() > wire::kPathLengthMax) {
    std::vector<PeerId> below;
    for (const Children::Child& child : track.children.of(tree)) below.push_back(child.peer);
    for (const PeerId child : below) evict(track, {child, tree}, PeerId{}, track.log.end() + track.pieces_in(kGrace), false);
    return;
  }
  for (const Children::Child& child : track.children.of(tree)) {
    send(child.peer, wire::Path{.rendition = track.number(), .stripe = tree_to_wire(tree), .path = path});
  }
}

Uplink::Piece Engine::Impl::outgoing(const Track& track, PieceNumber piece, std::size_t bytes) const {
  const ManifestLog::Entry* entry = track.log.find(piece);
  return {.rendition = track.id(), .number = piece, .captured_us = entry ? entry->part.captured_us : 0,
          .place = entry ? piece - entry->part.first : 0, .bytes = static_cast<std::uint32_t>(bytes)};
}

/// Of a stream with one rendition everybody does, from the start.
bool Engine::Impl::follows(const Neighbor& neighbor, const Track& track) const {
  return renditions_.size() <= 1 || now_ - neighbor.in(track.id()).told_at < kFollowsFor;
}

void Engine::Impl::send_have(Track& track, Neighbor& to, PieceNumber from, PieceNumber end, bool all, bool with_status) {
  const auto clock_ms = static_cast<std::uint32_t>(now_.time_since_epoch() / 1ms);
  const Duration wait = std::min<Duration>(uplink_.wait(to.peer), 60s);
  do {
    const PieceNumber base = from / 8 * 8;
    const PieceNumber stop = std::min<PieceNumber>(end, base + wire::kHaveBytesMax * 8);
    wire::Have have{.rendition = track.number(), .oldest = track.store.oldest(), .base = base, .clock_ms = clock_ms,
                    .queue_ms = static_cast<std::uint16_t>(wait / 1ms)};
    if (to.last_clock_ms != 0) have.echo_ms = to.last_clock_ms + static_cast<std::uint32_t>((now_ - to.last_clock_at) / 1ms);
    have.bits.resize(stop > base ? (stop - base + 7) / 8 : 0);
    const auto mark = [&](PieceNumber piece) { have.bits[(piece - base) / 8] |= static_cast<std::byte>(1u << ((piece - base) % 8)); };
    if (all) {
      for (PieceNumber piece = from; piece < stop; ++piece) {
        if (track.store.has(piece)) mark(piece);
      }
    } else {
      for (const PieceNumber piece : track.fresh) {
        if (piece >= from && piece < stop) mark(piece);
      }
    }
    if (with_status && stop >= end) have.status = status_to_tell(track);
    send(to.peer, have);
    from = stop;
  } while (from < end);
}

bool Engine::Impl::others_have(Track& track, PieceNumber piece) {
  return options_.source && track.others_have(piece, uplink_.wait(PeerId{}) > kSpare, now_);
}

void Engine::Impl::send_status(PeerId to) {
  for (auto& track : tracks_) send(to, status_to_tell(*track));
}

wire::Status Engine::Impl::status_to_tell(Track& track) {
  const Children::Capacity room = capacity(track);
  const std::uint32_t used = track.children.slots_used();
  // The source's copies are complete long before its upload is used up.
  const Children::Capacity none{};
  const std::int64_t full_below = track.children.full_below(options_.source ? none : room, [&](PeerId peer) { return weight_of(peer); });
  track.was_full = full_below > 0;
  wire::Status status{.rendition = track.number(),
                      .role = static_cast<std::uint8_t>(role()),
                      .giving = giving(),
                      .slots = static_cast<std::uint16_t>(std::min<std::uint32_t>(room.slots, 65535)),
                      .slots_free = static_cast<std::uint16_t>(std::min<std::uint32_t>(room.slots > used ? room.slots - used : 0, 65535)),
                      .gives_kbit_per_s = gives_kbit_per_s(),
                      .full_below = static_cast<std::uint32_t>(full_below)};
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    const Feeds::Feed& feed = track.feeds.feed(tree);
    wire::StripeState state;
    if (options_.source && track.rests(now_)) {
      // As who does not carry it: nobody tries what is not made.
    } else if (options_.source) {
      state = {.delay_ms = 0, .hop = 0};
      if (tree != kManifestTree && (room.slots > used || track.children.behind_others(tree))) state.wanted = static_cast<std::uint8_t>(track.children.wanted(tree, room.copies_max));
    } else if (!track.feeds.rooted(tree) && track.edge.feeds(tree) && !track.partial()) {
      state = {.delay_ms = static_cast<std::uint16_t>(std::min<std::int64_t>(track.edge.delay() / 1ms, wire::StripeState::kUnfed - 1)), .hop = 1};
    } else if (track.feeds.rooted(tree) && !track.partial()) {
      state = {.delay_ms = static_cast<std::uint16_t>(std::min<std::int64_t>(feed.delay / 1ms, wire::StripeState::kUnfed - 1)),
               .hop = static_cast<std::uint8_t>(feed.path.size())};
      if (full_below > 0 && room.slots > 0 && tree != kManifestTree && track.children.further_down(tree, room, false, now_)) state.wanted = 1;
    }
    status.stripes.push_back(state);
  }
  return status;
}

}  // namespace p2p::mesh
