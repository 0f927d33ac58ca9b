#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "engine_impl.hpp"
#include "wire/fragment.hpp"

namespace p2p::mesh {
namespace {

/// A crowd's links queue for about so long, and its pieces are older by half of it. What stands beyond that is a line that is too narrow: its queue
/// would make everything count as seconds old, for as long as the source's clock is remembered (ADR 29).
constexpr Duration kCrowdQueue = 300ms;
/// A child's have-delta has come by then, mostly.
constexpr Duration kUnheldMin = 300ms;
constexpr Duration kUnheldAgain = 1s;
/// Eight pieces a second, .8 Mbit/s.
constexpr Duration kUnaskedForgivenEvery = 125ms;
constexpr Duration kUnheldMax = 3s;   ///< an older one is too late to be played

}  // namespace

void Engine::Impl::on_fragment(Neighbor& from, const MessageReceived& message) {
  const bool apart = !message.body.empty();
  const auto fragment = apart ? wire::decode_fragment(message.bytes.view(), message.body.size()) : wire::decode_fragment(message.bytes.view());
  if (!fragment || !from.greeted) {
    misbehaved(from.peer, "sent what is no piece");
    return;
  }
  Track* track = track_of(fragment->rendition);
  // Also what we ended to receive: it fills our line like the rest.
  const auto came = static_cast<std::int64_t>(apart ? message.body.size() : message.bytes.size() - wire::kFragmentHeaderBytes);
  received_1s_.add(came, now_);
  received_500ms_.add(came, now_);
  if (!track) return;
  const Payload body =
      apart ? message.body : message.bytes.slice(wire::kFragmentHeaderBytes, message.bytes.size() - wire::kFragmentHeaderBytes);
  const auto size = static_cast<std::int64_t>(body.size());
  from.received_bytes += size;
  from.received_10s.add(size, now_);
  (from.role == Role::kSource ? from_source_bytes_ : from_peers_bytes_) += size;
  if (auto whole = from.in(track->id()).reassembly.add(*fragment, body)) take_piece(*track, from, std::move(*whole));
}

void Engine::Impl::take_piece(Track& track, Neighbor& from, Reassembly::Whole whole) {
  from.in(track.id()).has.add(whole.piece);
  if (!asked_for(track, from, whole) && ++from.unasked > kUnaskedMax) {
    misbehaved(from.peer, "floods with pieces that nobody asked for");
    return;
  }
  place_piece(track, from, std::move(whole), now_);
}

void Engine::Impl::place_piece(Track& track, Neighbor& from, Reassembly::Whole whole, Instant came_at) {
  const ManifestLog::Entry* entry = track.log.find(whole.piece);
  Duration age{};
  if (entry && !options_.source) {
    const WallTime captured{Duration{entry->part.captured_us}};
    source_clock_.heard(from.peer, captured, std::chrono::milliseconds{whole.age_ms} + std::min(from.rtt, from.rtt_least + kCrowdQueue) / 2, came_at);
    age = now_ - made_at(entry->part);
  }
  if (options_.source || track.store.has(whole.piece)) {
    duplicate_bytes_ += static_cast<std::int64_t>(whole.bytes.size());
    if (!whole.requested && entry) track.feeds.pushed_by(from, {.tree = stripe_of(whole.piece), .piece = whole.piece, .age = age}, now_);
    return;
  }
  if (!entry) {
    // The piece overtook its manifest entry. Bounded; the oldest goes, it will be requested again.
    if (whole.piece < track.log.end()) return;
    if (track.early.size() >= Track::kEarlyMax) track.early.pop_front();
    track.early.push_back({from.peer, std::move(whole), came_at});
    return;
  }
  if (whole.bytes.size() != entry->part.piece_size(whole.piece)) {
    ++failed_;
    ++from.failed_at_report;
    misbehaved(from.peer, "sent a piece of the wrong size");
    return;
  }
  if (pending_.size() >= kPendingMax) return;   // it will be requested again
  const RequestId request{next_request_++};
  pending_.emplace(request, Pending{.kind = Pending::Kind::kPiece, .from = from.peer, .rendition = track.id(), .piece = whole.piece, .requested = whole.requested,
                                    .age = age, .asked_at = now_, .bytes = whole.bytes});
  out_.push_back(HashPiece{request, std::move(whole.bytes)});
}

/// Whether this copy was subscribed or requested, now or a short while ago. Who sends a piece twice was asked for it once.
bool Engine::Impl::asked_for(const Track& track, Neighbor& from, const Reassembly::Whole& whole) {
  NeighborTrack& there = from.in(track.id());
  const std::size_t tree = stripe_of(whole.piece);
  const bool again = there.delivered.has(whole.piece);
  there.delivered.add(whole.piece);
  there.delivered.drop_before(track.store.oldest());
  const Feeds::Feed& feed = track.feeds.feed(tree);
  bool asked = !again && !whole.requested &&
               (from.role == Role::kSource || feed.parent == from.peer || feed.asked == from.peer || there.subscribed_until[tree] > now_);
  if (!asked && from.requests_open > 0) {
    --from.requests_open;
    asked = true;
  }
  // What a relay or a line has held back for long comes in a trickle; a flood does not.
  const std::int64_t forgiven = (now_ - from.unasked_at) / kUnaskedForgivenEvery;
  if (forgiven > 0) {
    from.unasked -= static_cast<std::uint32_t>(std::min<std::int64_t>(forgiven, from.unasked));
    from.unasked_at = now_;
  }
  return asked;
}

void Engine::Impl::piece_verified(Track& track, PieceNumber piece, PieceStore::Held held, std::optional<PeerId> from, bool requested) {
  const auto bytes = static_cast<std::uint32_t>(held.bytes.size());
  const Duration age = held.age;
  if (!track.store.put(piece, std::move(held))) return;
  ++verified_;
  if (requested) ++repaired_;
  track.fresh.push_back(piece);
  if (from) {
    if (const auto cancel = track.repair.arrived(piece, *from)) send(cancel->peer, wire::Cancel{.rendition = track.number(), .pieces = {piece}});
    if (Neighbor* giver = find(*from)) giver->accepted_bytes += bytes;
    if (requested) {
      track.feeds.came_by_request(piece);
      need_no_more(track, piece, *from);
    } else if (Neighbor* parent = find(*from)) {
      track.feeds.pushed_by(*parent, {.tree = stripe_of(piece), .piece = piece, .age = age, .in_time = true}, now_);
    }
  } else if (!options_.source) {
    (void)track.repair.arrived(piece, PeerId{});   // from the edge
  }
  relay(track, piece, bytes, from);
  const ManifestLog::Entry* entry = track.log.find(piece);
  CHECK(entry, "a piece was verified against nothing");
  if (piece + 1 == entry->part.end()) delay_ = delay_ == Duration{} ? age : delay_ + (age - delay_) / 8;
  start_playback(track);
  play(track);
  // Who waits for a first picture asks for the next as soon as one has come.
  if (requested && played_ == 0) plan_repair(track);
}

/// The parent, who would push it as soon as it has it, hears of it before the next have-delta.
void Engine::Impl::need_no_more(const Track& track, PieceNumber piece, PeerId from) {
  if (!track.feeds.pushed(piece)) return;
  const PeerId parent = *track.feeds.feed(stripe_of(piece)).parent;
  const Neighbor* neighbor = find(parent);
  if (parent == from || !neighbor || neighbor->in(track.id()).has.has(piece)) return;
  send(parent, wire::Cancel{.rendition = track.number(), .pieces = {piece}});
}

void Engine::Impl::relay(const Track& track, PieceNumber piece, std::uint32_t bytes, std::optional<PeerId> except) {
  if (!giving() && !options_.source) return;
  const Uplink::Piece sent = outgoing(track, piece, bytes);
  for (const Children::Child& child : track.children.of(stripe_of(piece))) {
    if (child.peer == except || piece < child.from || piece >= child.until) continue;
    const Neighbor* neighbor = find(child.peer);
    if (!neighbor || neighbor->in(track.id()).has.has(piece)) continue;
    if (!uplink_.push(child.peer, sent, false, now_)) {
      send(child.peer, wire::Unavailable{.rendition = track.number(), .pieces = {piece}});
    }
  }
}

/// The source's last resort: a piece that nobody has who is alive, and nobody alive was sent lately, goes to whoever passes on most. All
/// children of its stripe have died, or it came to who keeps it for himself; below them hundreds would wait until somebody asks.
void Engine::Impl::push_unheld(Track& track) {
  std::vector<Neighbor*> alive;
  for (auto& [peer, n] : neighbors_) {
    if (n.greeted && n.giving && !n.leaving && now_ - n.heard_at <= kCandidateSilence && follows(n, track)) alive.push_back(&n);
  }
  const PieceNumber span = track.pieces_in(kUnheldMax);
  for (PieceNumber piece = track.log.end() > span ? track.log.end() - span : 0; piece < track.log.end(); ++piece) {
    const PieceStore::Held* held = track.store.find(piece);
    const std::size_t tree = stripe_of(piece);
    const std::optional<Instant> lost = track.lost_child_at[tree];
    if (!held || (track.children.of(tree).empty() && (!lost || now_ - *lost > kUnheldMax))) continue;   // nobody wants it
    const Duration age = held->age + (now_ - held->since);
    if (age < kUnheldMin || age > kUnheldMax) continue;
    const auto pushed = track.pushed_unheld.find(piece);
    const bool on_its_way = age < kUnheldAgain || (pushed != track.pushed_unheld.end() && now_ - pushed->second < kUnheldAgain);
    const auto has_or_gets = [&](const Neighbor* n) {
      const NeighborTrack& there = n->in(track.id());
      return there.has.has(piece) || uplink_.waits(n->peer, track.id(), piece) || (on_its_way && there.sent.has(piece));
    };
    if (std::ranges::any_of(alive, has_or_gets)) continue;
    const Neighbor* best = nullptr;
    for (const Neighbor* n : alive) {
      const NeighborTrack& there = n->in(track.id());
      if (!there.sent.has(piece) && !there.has.has(piece) && (!best || weight_of(n->peer) > weight_of(best->peer))) best = n;
    }
    if (best && uplink_.push(best->peer, outgoing(track, piece, held->bytes.size()), false, now_)) track.pushed_unheld[piece] = now_;
  }
  track.pushed_unheld.erase(track.pushed_unheld.begin(), track.pushed_unheld.lower_bound(track.store.oldest()));
}

void Engine::Impl::manifest_verified(Track& track, std::vector<wire::ManifestEntry> parts, const Payload& message, std::optional<PeerId> from) {
  if (Neighbor* parent = from ? find(*from) : nullptr) track.feeds.pushed_by(*parent, {.tree = kManifestTree, .age = now_ - made_at(parts.back()), .in_time = true}, now_);
  std::vector<const ManifestLog::Entry*> added;
  const auto foreign = [&](const wire::ManifestEntry& part) { return part.rendition != parts.front().rendition; };
  if (std::any_of(parts.begin(), parts.end(), foreign)) return;
  if (!track.known()) track.rendition = RenditionId{parts.front().rendition};   // its header is on the way
  if (!track.log.add(std::move(parts), message, now_, added)) {
    decide("two signed manifest entries contradict each other; the later one is ignored");
    return;
  }
  if (added.empty()) return;
  for (const Children::Child& child : track.children.of(kManifestTree)) {
    if (child.peer != from) send(child.peer, message);
  }
  if (!options_.source) {
    start_playback(track);
    for (const ManifestLog::Entry* entry : added) {
      for (PieceNumber piece = entry->part.first; piece < entry->part.end(); ++piece) {
        if (!track.store.has(piece) && track.wants(piece)) track.repair.want(piece, made_at(entry->part), now_);
      }
    }
    place_early(track);
  }
  track.trim(window());
  plan_repair(track);
}

/// Pieces that came before their entry.
void Engine::Impl::place_early(Track& track) {
  Ring<Track::Early> waiting = std::exchange(track.early, {});
  for (Track::Early& early : waiting) {
    if (!track.log.find(early.whole.piece)) {
      if (now_ - early.at < 5s) track.early.push_back(std::move(early));
    } else if (Neighbor* sender = find(early.from)) {
      place_piece(track, *sender, std::move(early.whole), early.at);
    }
  }
}

void Engine::Impl::header_verified(const wire::RenditionHeader& header, const Payload& message) {
  const RenditionId id{header.rendition};
  if (renditions_.contains(id) && !options_.source) return;
  renditions_[id] = {header, message};
  if (renditions_.size() > 1 && !options_.source) quality_at_ = std::min(quality_at_, now_ + Quality::kEvery);
  Track* const track = track_of(id.value);
  if (track) {
    track->rendition = id;
    track->bits_per_s = header.bits_per_s;
    uplink_.budget().set_rate(upload_bits_per_s(), now_);
  }
  for (auto& [peer, neighbor] : neighbors_) {
    if (options_.source) neighbor.headers_sent &= ~(1u << id.value);
    if (neighbor.greeted) send_headers(neighbor);
  }
  if (!track) return;
  if (!options_.source) play_rendition(id);
  track->feeds.hurry();
  plan_feeds();
  start_playback(*track);
  play(*track);
}

void Engine::Impl::publish_sealed(Track& track) {
  while (auto sealed = track.sealer.take()) {
    const Payload message{wire::encode(wire::Message{wire::Manifest{.batch = std::move(sealed->batch), .signature = sealed->signature}})};
    const wire::ManifestEntry entry = sealed->entry;
    manifest_verified(track, {entry}, message, std::nullopt);
    for (PieceNumber piece = entry.first; piece < entry.end(); ++piece) {
      piece_verified(track, piece,
                     {.bytes = sealed->bytes.slice(entry.piece_offset(piece), entry.piece_size(piece)), .since = now_, .age = now_ - sealed->made},
                     std::nullopt, false);
    }
  }
}

/// What the manifest lists and is wanted.
void Engine::Impl::want_known(Track& track) {
  for (const ManifestLog::Entry& entry : track.log.entries()) {
    for (PieceNumber piece = entry.part.first; piece < entry.part.end(); ++piece) {
      if (!track.store.has(piece) && track.wants(piece)) track.repair.want(piece, made_at(entry.part), now_);
    }
  }
  plan_repair(track);
}

void Engine::Impl::send_waiting() {
  while (auto item = uplink_.take(now_)) {
    const Track* track = track_of(item->piece.rendition.value);
    const PieceNumber piece = item->piece.number;
    const PieceStore::Held* held = track ? track->store.find(piece) : nullptr;
    Neighbor* to = find(item->peer);
    if (!held || !to) continue;
    if (!item->requested && to->in(track->id()).has.has(piece)) continue;
    const Duration age = held->age + (now_ - held->since);
    wire::Fragment fragment{.rendition = track->number(),
                            .requested = item->requested,
                            .size = static_cast<std::uint16_t>(held->bytes.size()),
                            .piece = piece,
                            .age_ms = static_cast<std::uint16_t>(std::min<std::int64_t>(age / 1ms, 65535))};
    const std::size_t room = std::max(options_.message_bytes_max, kMessageBytesMax) - wire::kFragmentHeaderBytes;
    for (std::size_t offset = 0; offset < held->bytes.size(); offset += room) {
      const std::size_t size = std::min(room, held->bytes.size() - offset);
      fragment.offset = static_cast<std::uint16_t>(offset);
      out_.push_back(Send{.peer = item->peer, .channel = Channel::kPieces, .header = wire::encode(fragment), .body = held->bytes.slice(offset, size)});
    }
    if (options_.source) to->in(track->id()).sent.add(piece);
    const auto bytes = static_cast<std::int64_t>(held->bytes.size());
    to->given_bytes += bytes;
    to->given_10s.add(bytes, now_);
    given_5s_.add(bytes, now_);
    given_bytes_ += bytes;
  }
}

}  // namespace p2p::mesh
