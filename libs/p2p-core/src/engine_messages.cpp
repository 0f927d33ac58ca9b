#include <algorithm>
#include <utility>

#include "base/hex.hpp"
#include "engine_impl.hpp"

namespace p2p::mesh {
namespace {

constexpr std::size_t kManifestsPerAnswerMax = 64;
constexpr PieceNumber kFromNewestStart = UINT32_MAX;   ///< in ManifestRequest: from where playback could start
constexpr Duration kLinkFullFor = 15s;                 ///< then it is tried again: losses come and go
constexpr Duration kCatchUp = 1500ms;                  ///< of what it missed a new child is pushed so much; older pieces come too late to be played
constexpr std::uint32_t kAnswersMax = 2;               ///< copies of a piece that a busy source gives on request ...
constexpr Duration kAnswersFor = 800ms;                ///< ... in the time that those who got it take to pass it on
constexpr Duration kSpare = 100ms;                     ///< a source that has less to send is not busy
constexpr Duration kGoodbye = 1s;                      ///< drivers hang up about so long after a goodbye
constexpr Duration kBusyAfter = 1500ms;                ///< a request that would wait longer is better asked elsewhere

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
  from.header_sent = !message.fresh;   // it has it
  send_header(from);
  if (message.fresh) send_manifests(from.peer, kFromNewestStart);
  send_have(from, store_.oldest(), store_.end(), true, true);
  plan_feeds();
}

void Engine::Impl::on_message(Neighbor& from, wire::Have& message) {
  if (message.rendition == rendition() || !rendition_) learn_have(from, message);
  if (message.status) on_message(from, *message.status);
}

void Engine::Impl::learn_have(Neighbor& from, const wire::Have& message) {
  from.has.drop_before(message.oldest);
  for (std::size_t i = 0; i < message.bits.size() * 8; ++i) {
    if ((std::to_integer<unsigned>(message.bits[i / 8]) >> (i % 8) & 1) != 0) from.has.add(message.base + static_cast<PieceNumber>(i));
  }
  from.queue = std::chrono::milliseconds{message.queue_ms};
  from.last_clock_ms = message.clock_ms;
  from.last_clock_at = now_;
  if (message.echo_ms != 0) {
    const auto here_ms = static_cast<std::uint32_t>(now_.time_since_epoch() / 1ms);
    const std::uint32_t trip_ms = here_ms - message.echo_ms;
    if (trip_ms < 10'000) {
      const Duration trip = std::chrono::milliseconds{trip_ms};
      // The least of recent trips is the line; what is above it is a queue. So: down at once, up slowly.
      from.rtt = !from.rtt_known || trip < from.rtt ? trip : from.rtt + (trip - from.rtt) / 16;
      from.rtt_known = true;
    }
  }
  // It holds pieces of parts that we do not know of: the manifest is late.
  const bool behind = from.has.end() > log_.end() || log_.first_gap();
  const bool patient = feeds_.feed(kManifestTree).parent && now_ - feeds_.feed(kManifestTree).pushed_at < 600ms && !log_.first_gap();
  if (behind && !patient && rendition_ && now_ - from.manifest_asked_at > 400ms) {
    from.manifest_asked_at = now_;
    const PieceNumber ask = log_.newest() ? log_.first_gap().value_or(log_.end()) : kFromNewestStart;
    send(from.peer, wire::ManifestRequest{.rendition = rendition(), .from = ask});
  }
}

void Engine::Impl::on_message(Neighbor& from, wire::Status& message) {
  if (from.role != Role::kSource) from.role = static_cast<Role>(std::min<std::uint8_t>(message.role, static_cast<std::uint8_t>(Role::kSuperSeed)));
  from.giving = message.giving;
  from.slots = message.slots;
  from.slots_free = message.slots_free;
  from.gives_kbit_per_s = message.gives_kbit_per_s;
  from.full_below = message.full_below;
  uplink_.set_weight(from.peer, weight_of(from.peer));
  const bool had_none = std::all_of(from.stripes.begin(), from.stripes.end(),
                                    [](const wire::StripeState& s) { return s.delay_ms == wire::StripeState::kUnfed; });
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    from.stripes[tree] = tree < message.stripes.size() ? message.stripes[tree] : wire::StripeState{};
  }
  if (had_none) {
    feeds_.hurry();
    plan_feeds();
  }
}

void Engine::Impl::on_message(Neighbor& from, wire::Subscribe& message) {
  const std::size_t tree = tree_from_wire(message.stripe);
  if (tree == kTrees || !rendition_ || message.rendition != rendition()) return;
  // We can feed only what we get; whom we are fed by, or have asked, we do not feed in the same tree.
  const Feeds::Feed& feed = feeds_.feed(tree);
  const bool fed = options_.source || feeds_.rooted(tree);
  const bool circle = feed.parent == from.peer || feed.asked == from.peer ||
                      std::find(feed.path.begin(), feed.path.end(), path_name(from.peer)) != feed.path.end();
  from.gives_kbit_per_s = message.gives_kbit_per_s;
  Children::Admission admission;
  // Whoever has been without a parent also gets what it missed in the last seconds, without asking for each piece.
  const PieceNumber past = pieces_in(kCatchUp);
  const PieceNumber oldest = log_.end() > past ? log_.end() - past : 0;
  const PieceNumber next = message.from == wire::kFromNow ? log_.end() : std::max(message.from, oldest);
  bool link_full = !link_carries_more(from.peer, tree);
  if (children_.is_child(from.peer, tree)) {
    link_full = !link_carries(from.peer, children_.stripes_given(from.peer));   // it was to go for that, and asks to go on
  } else if (tree != kManifestTree) {
    from.link_missed = link_full;
    // Who has a parent can wait until the link is wide enough.
    if (widen(from, std::int64_t{children_.stripes_given(from.peer)} + 1) && message.fed) link_full = true;
  }
  if (fed && !circle && giving() && !leaving_) {
    const Children::Asker asker{.peer = from.peer, .fed = message.fed, .link_full = link_full, .passes_on = from.giving && from.slots > 0};
    admission = children_.ask(asker, tree, next, capacity(), [&](PeerId peer) { return weight_of(peer); }, now_);
  }
  if (!admission.admitted) {
    wire::Denied denied{.rendition = rendition(), .stripe = message.stripe, .link_full = link_full};
    for (const Children::Child& child : children_.of(tree)) {
      if (denied.hints.size() < 4 && child.peer != from.peer) denied.hints.push_back(child.peer);
    }
    send(from.peer, denied);
    return;
  }
  send(from.peer, wire::Subscribed{.rendition = rendition(), .stripe = message.stripe, .from = next, .path = path_in(tree),
                                   .soft = admission.soft});
  if (tree != kManifestTree) push_held(from, next);
  if (admission.evicted) evict(*admission.evicted, from.peer, capacity().grace_until, false);
  if (tree == kManifestTree) {
    // The newcomer's first manifests: from where it can start, or from where it says it is.
    send_manifests(from.peer, message.from == 0 ? kFromNewestStart : message.from);
  }
}

void Engine::Impl::on_message(Neighbor& from, wire::Subscribed& message) {
  const std::size_t tree = tree_from_wire(message.stripe);
  if (tree == kTrees || message.path.empty() || !membership_.self()) return;
  bool accepted = false;
  const bool was_fed = feeds_.rooted(tree);
  const std::optional<PeerId> before = feeds_.feed(tree).parent;
  const auto end = feeds_.subscribed(from.peer, tree, message.from, std::move(message.path), message.soft, *membership_.self(), now_, accepted);
  if (!accepted) {
    from.subscribed_until[tree] = now_ + kLeftovers;
    send(from.peer, wire::Unsubscribe{.rendition = rendition(), .stripe = message.stripe, .until = 0});
    from.denied_until[tree] = now_ + 4 * kDeniedFor;   // it stands below us
    return;
  }
  if (before != from.peer) {
    decide("stripe " + std::to_string(tree) + " comes from " + short_name(from.peer) + (before ? " and no longer from " + short_name(*before) : "") +
           (message.soft ? ", who would rather not" : ""));
  }
  if (end) {
    send(end->peer, wire::Unsubscribe{.rendition = rendition(), .stripe = message.stripe, .until = end->until});
    if (Neighbor* old = find(end->peer)) old->subscribed_until[tree] = now_ + kLeftovers;
  }
  // Newcomers wait for somebody who is fed: they should not have to wait for the next second.
  if (!was_fed) status_at_ = std::min(status_at_, now_ + kStatusSoon);
  send_path(tree);
}

void Engine::Impl::on_message(Neighbor& from, wire::Denied& message) {
  const std::size_t tree = tree_from_wire(message.stripe);
  if (tree == kTrees) return;
  feeds_.denied(from.peer, tree);
  if (message.link_full) link_is_full(from, 0);
  from.denied_until[tree] = now_ + kDeniedFor + Duration{prng_.between(0, kDeniedFor.count() / 2)};
  // Who sits there may have room: worth knowing when nobody else is.
  for (const PeerId hint : message.hints) membership_.heard_of({.peer = hint, .receiving = true}, from.peer, now_);
  plan_feeds();
}

void Engine::Impl::on_message(Neighbor& from, wire::Unsubscribe& message) {
  const std::size_t tree = tree_from_wire(message.stripe);
  if (tree == kTrees) return;
  children_.unsubscribe(from.peer, tree, message.until, log_.end());
}

void Engine::Impl::on_message(Neighbor& from, wire::Evict& message) {
  const std::size_t tree = tree_from_wire(message.stripe);
  if (tree == kTrees) return;
  feeds_.evicted(from.peer, tree, message.until);
  // Ended at once: it heard nothing from here for a while, and would feed us again.
  if (message.until > 0) from.denied_until[tree] = now_ + 4 * kDeniedFor;
  decide(short_name(from.peer) + " will not feed stripe " + std::to_string(tree) + " much longer" + (message.link_full ? ": the link is full" : ""));
  if (message.link_full) link_is_full(from, 1);
  if (message.hint.value != 0) membership_.heard_of({.peer = message.hint, .receiving = true}, from.peer, now_);
  plan_feeds();
}

void Engine::Impl::push_held(Neighbor& to, PieceNumber from) {
  for (PieceNumber piece = from; piece < std::min(log_.end(), store_.end()); ++piece) {
    if (stripe_of(piece) != stripe_of(from) || to.has.has(piece)) continue;
    const PieceStore::Held* held = store_.find(piece);
    if (held) (void)uplink_.push(to.peer, piece, static_cast<std::uint32_t>(held->bytes.size()), false, now_);
  }
}

void Engine::Impl::link_is_full(Neighbor& from, std::size_t to_go) {
  from.trees_max = std::max(feeds_.trees_fed_by(from.peer), to_go + 1) - to_go;
  from.trees_max_until = now_ + kLinkFullFor;
}

void Engine::Impl::on_message(Neighbor& from, wire::Path& message) {
  const std::size_t tree = tree_from_wire(message.stripe);
  if (tree == kTrees || message.path.empty() || !membership_.self()) return;
  if (feeds_.feed(tree).parent != from.peer || feeds_.feed(tree).path == message.path) return;
  const bool was_rooted = feeds_.rooted(tree);
  if (feeds_.path_changed(from.peer, tree, std::move(message.path), *membership_.self())) {
    decide("leaves " + short_name(from.peer) + " in stripe " + std::to_string(tree) + ": its path leads through here");
    from.subscribed_until[tree] = now_ + kLeftovers;
    send(from.peer, wire::Unsubscribe{.rendition = rendition(), .stripe = message.stripe, .until = 0});
    from.denied_until[tree] = now_ + 4 * kDeniedFor;
    plan_feeds();
    return;
  }
  if (feeds_.rooted(tree) != was_rooted) {
    status_at_ = std::min(status_at_, now_ + kStatusSoon);
    feeds_.hurry();
  }
  send_path(tree);
}

void Engine::Impl::on_message(Neighbor& from, wire::Request& message) {
  wire::Unavailable gone{.rendition = rendition(), .reason = wire::Unavailable::Reason::kGone};
  wire::Unavailable busy{.rendition = rendition(), .reason = wire::Unavailable::Reason::kBusy};
  for (const PieceNumber piece : message.pieces) {
    const PieceStore::Held* held = store_.find(piece);
    if (!held || (!giving() && !options_.source)) {
      gone.pieces.push_back(piece);
    } else if (!message.urgent && (uplink_.wait(from.peer) > kBusyAfter || others_have(piece))) {
      busy.pieces.push_back(piece);
    } else {
      const auto bytes = static_cast<std::uint32_t>(held->bytes.size());
      (void)(message.urgent ? uplink_.push(from.peer, piece, bytes, true, now_) : uplink_.request(from.peer, piece, bytes, now_));
    }
  }
  if (!gone.pieces.empty()) send(from.peer, gone);
  if (!busy.pieces.empty()) send(from.peer, busy);
}

void Engine::Impl::on_message(Neighbor& from, wire::Cancel& message) {
  for (const PieceNumber piece : message.pieces) {
    from.has.add(piece);
    uplink_.cancel(from.peer, piece);
  }
}

void Engine::Impl::on_message(Neighbor& from, wire::Unavailable& message) {
  for (const PieceNumber piece : message.pieces) {
    if (from.requests_open > 0 && repair_.asked(from.peer, piece)) --from.requests_open;
    if (message.reason == wire::Unavailable::Reason::kGone) from.has.remove(piece);
    repair_.unavailable(from.peer, piece, now_);
  }
  if (message.reason == wire::Unavailable::Reason::kBusy) from.busy_until = now_ + 300ms;
  plan_repair();
}

void Engine::Impl::on_message(Neighbor& from, wire::Manifest& message) {
  auto parts = wire::decode_manifest(message.batch);
  if (!parts) {
    misbehaved(from.peer, parts.error().text);
    return;
  }
  const bool news = std::any_of(parts->begin(), parts->end(), [&](const wire::ManifestEntry& part) { return !log_.find(part.first); });
  if (rendition_ && parts->front().rendition != rendition()) return;
  if (!news || pending_.size() >= kPendingMax) return;
  const RequestId request{next_request_++};
  Pending pending{.kind = Pending::Kind::kManifest, .from = from.peer, .asked_at = now_, .parts = std::move(*parts)};
  Bytes signed_text = wire::signed_manifest(message.batch);
  const Signature signature = message.signature;
  pending.bytes = Payload{wire::encode(wire::Message{std::move(message)})};
  pending_.emplace(request, std::move(pending));
  out_.push_back(CheckSignature{request, std::move(signed_text), signature});
}

void Engine::Impl::on_message(Neighbor& from, wire::ManifestRequest& message) {
  if (rendition_ && message.rendition == rendition()) send_manifests(from.peer, message.from);
}

void Engine::Impl::on_message(Neighbor& from, wire::Header& message) {
  if (!header_message_.empty() || pending_.size() >= kPendingMax) return;
  auto header = wire::decode_header(message.blob);
  if (!header) {
    misbehaved(from.peer, header.error().text);
    return;
  }
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
  const PieceNumber until = log_.end() + pieces_in(kGoodbye);
  for (std::size_t tree = 0; tree < kTrees; ++tree) feeds_.evicted(from.peer, tree, until);
  for (std::size_t tree = 0; tree < kTrees; ++tree) children_.unsubscribe(from.peer, tree, 0, log_.end());
  plan_feeds();
}

void Engine::Impl::send_header(Neighbor& to) {
  if (to.header_sent || header_message_.empty()) return;
  to.header_sent = true;
  send(to.peer, header_message_);
}

void Engine::Impl::send_manifests(PeerId to, PieceNumber from) {
  const ManifestLog::Entry* first = nullptr;
  if (from == kFromNewestStart) {
    // The newest start of which a piece is here: the rest of its key part is on the way.
    for (PieceNumber before = UINT32_MAX; (first = log_.newest_start(before)) != nullptr; before = first->part.first) {
      if (store_.has(first->part.first)) break;
    }
    if (!first) first = log_.newest_start(UINT32_MAX);
  } else {
    first = log_.find(from);
    if (!first) first = log_.at_or_after(from);
  }
  if (!first) return;
  const std::size_t place = log_.place_at_or_after(first->part.first);
  const std::size_t end = std::min(log_.entries().size(), place + kManifestsPerAnswerMax);
  for (std::size_t at = place; at < end; ++at) send(to, log_.entries()[at].message);
}

void Engine::Impl::send_path(std::size_t tree) {
  const std::vector<std::uint32_t> path = path_in(tree);
  if (path.size() > wire::kPathLengthMax) return;
  for (const Children::Child& child : children_.of(tree)) {
    send(child.peer, wire::Path{.rendition = rendition(), .stripe = tree_to_wire(tree), .path = path});
  }
}

void Engine::Impl::send_have(Neighbor& to, PieceNumber from, PieceNumber end, bool all, bool with_status) {
  const auto clock_ms = static_cast<std::uint32_t>(now_.time_since_epoch() / 1ms);
  const Duration wait = std::min<Duration>(uplink_.wait(to.peer), 60s);
  do {
    const PieceNumber base = from / 8 * 8;
    const PieceNumber stop = std::min<PieceNumber>(end, base + wire::kHaveBytesMax * 8);
    wire::Have have{.rendition = rendition(), .oldest = store_.oldest(), .base = base, .clock_ms = clock_ms,
                    .queue_ms = static_cast<std::uint16_t>(wait / 1ms)};
    if (to.last_clock_ms != 0) have.echo_ms = to.last_clock_ms + static_cast<std::uint32_t>((now_ - to.last_clock_at) / 1ms);
    have.bits.resize(stop > base ? (stop - base + 7) / 8 : 0);
    const auto mark = [&](PieceNumber piece) { have.bits[(piece - base) / 8] |= static_cast<std::byte>(1u << ((piece - base) % 8)); };
    if (all) {
      for (PieceNumber piece = from; piece < stop; ++piece) {
        if (store_.has(piece)) mark(piece);
      }
    } else {
      for (const PieceNumber piece : fresh_) {
        if (piece >= from && piece < stop) mark(piece);
      }
    }
    if (with_status && stop >= end) have.status = status_to_tell();
    send(to.peer, have);
    from = stop;
  } while (from < end);
}

/// When a stripe's feed breaks near the source, all its neighbors ask for the same pieces. While it has little to spare each goes out
/// twice, and then to the others from those who have it.
bool Engine::Impl::others_have(PieceNumber piece) {
  if (!options_.source) return false;
  while (!answered_.empty() && answered_.begin()->first < store_.oldest()) answered_.erase(answered_.begin());
  Answered& answered = answered_[piece];
  if (now_ - answered.at > kAnswersFor) answered.times = 0;
  if (answered.times >= kAnswersMax && uplink_.wait(PeerId{}) > kSpare) return true;
  ++answered.times;
  answered.at = now_;
  return false;
}

bool Engine::Impl::link_carries(PeerId to, std::int64_t stripes) const {
  constexpr std::int64_t kLinkLoadPercentMax = 75;   // beyond it a link queues without end
  const auto carries = uplink_.link_bits_per_s(to);
  return !carries || stripes * unit_bits_per_s() <= *carries * kLinkLoadPercentMax / 100;
}

/// A further stripe over a link may not fill it beyond what keeps its queue short.
bool Engine::Impl::link_carries_more(PeerId to, std::size_t tree) const {
  const auto carries = uplink_.link_bits_per_s(to);
  if (!carries || tree == kManifestTree || children_.is_child(to, tree)) return true;
  const auto stripes = static_cast<std::int64_t>(children_.stripes_given(to));
  const bool any_will_do = stripes == 0 && !(options_.source && neighbors_.size() > kStripes);
  return any_will_do || (stripes + 1) * unit_bits_per_s() <= *carries * kLinkLoadPercent / 100;
}

void Engine::Impl::send_status(PeerId to) { send(to, status_to_tell()); }

wire::Status Engine::Impl::status_to_tell() {
  const Children::Capacity room = capacity();
  const std::uint32_t used = children_.slots_used();
  // The source's copies are complete long before its upload is used up.
  const Children::Capacity none{};
  const std::int64_t full_below = children_.full_below(options_.source ? none : room, [&](PeerId peer) { return weight_of(peer); });
  was_full_ = full_below > 0;
  wire::Status status{.rendition = rendition(),
                      .role = static_cast<std::uint8_t>(role()),
                      .giving = giving(),
                      .slots = static_cast<std::uint16_t>(std::min<std::uint32_t>(room.slots, 65535)),
                      .slots_free = static_cast<std::uint16_t>(std::min<std::uint32_t>(room.slots > used ? room.slots - used : 0, 65535)),
                      .gives_kbit_per_s = gives_kbit_per_s(),
                      .full_below = static_cast<std::uint32_t>(full_below)};
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    const Feeds::Feed& feed = feeds_.feed(tree);
    wire::StripeState state;
    if (options_.source) {
      state = {.delay_ms = 0, .hop = 0};
      if (tree != kManifestTree && room.slots > used) state.wanted = static_cast<std::uint8_t>(children_.wanted(tree, room.copies_max));
    } else if (feeds_.rooted(tree)) {
      state = {.delay_ms = static_cast<std::uint16_t>(std::min<std::int64_t>(feed.delay / 1ms, wire::StripeState::kUnfed - 1)),
               .hop = static_cast<std::uint8_t>(feed.path.size())};
    }
    status.stripes.push_back(state);
  }
  return status;
}

}  // namespace p2p::mesh
