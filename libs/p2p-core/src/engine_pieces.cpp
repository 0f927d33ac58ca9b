#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "engine_impl.hpp"
#include "wire/fragment.hpp"

namespace p2p::mesh {

void Engine::Impl::on_fragment(Neighbor& from, const MessageReceived& message) {
  const bool apart = !message.body.empty();
  const auto fragment = apart ? wire::decode_fragment(message.bytes.view(), message.body.size()) : wire::decode_fragment(message.bytes.view());
  if (!fragment || !from.greeted) {
    misbehaved(from.peer, "sent what is no piece");
    return;
  }
  if (rendition_ && fragment->rendition != rendition()) return;
  const Payload body =
      apart ? message.body : message.bytes.slice(wire::kFragmentHeaderBytes, message.bytes.size() - wire::kFragmentHeaderBytes);
  const auto size = static_cast<std::int64_t>(body.size());
  from.received_bytes += size;
  from.received_10s.add(size, now_);
  (from.role == Role::kSource ? from_source_bytes_ : from_peers_bytes_) += size;
  if (auto whole = from.reassembly.add(*fragment, body)) take_piece(from, std::move(*whole));
}

void Engine::Impl::take_piece(Neighbor& from, Reassembly::Whole whole) {
  from.has.add(whole.piece);
  if (!asked_for(from, whole) && ++from.unasked > kUnaskedMax) {
    misbehaved(from.peer, "floods with pieces that nobody asked for");
    return;
  }
  place_piece(from, std::move(whole), now_);
}

void Engine::Impl::place_piece(Neighbor& from, Reassembly::Whole whole, Instant came_at) {
  const ManifestLog::Entry* entry = log_.find(whole.piece);
  Duration age{};
  if (entry && !options_.source) {
    const WallTime captured{Duration{entry->part.captured_us}};
    source_clock_.heard(from.peer, captured, std::chrono::milliseconds{whole.age_ms} + from.rtt / 2, came_at);
    age = now_ - made_at(entry->part);
  }
  if (options_.source || store_.has(whole.piece)) {
    duplicate_bytes_ += static_cast<std::int64_t>(whole.bytes.size());
    if (!whole.requested && entry) feeds_.pushed_by(from, stripe_of(whole.piece), age, false, now_);
    return;
  }
  if (!entry) {
    // The piece overtook its manifest entry. Bounded; the oldest goes, it will be requested again.
    if (whole.piece < log_.end()) return;
    if (early_.size() >= kEarlyMax) early_.pop_front();
    early_.push_back({from.peer, std::move(whole), came_at});
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
  pending_.emplace(request, Pending{.kind = Pending::Kind::kPiece, .from = from.peer, .piece = whole.piece, .requested = whole.requested,
                                    .age = age, .asked_at = now_, .bytes = whole.bytes});
  out_.push_back(HashPiece{request, std::move(whole.bytes)});
}

/// Whether this copy was subscribed or requested, now or a short while ago. Who sends a piece twice was asked for it once.
bool Engine::Impl::asked_for(Neighbor& from, const Reassembly::Whole& whole) {
  const std::size_t tree = stripe_of(whole.piece);
  const bool again = from.delivered.has(whole.piece);
  from.delivered.add(whole.piece);
  from.delivered.drop_before(store_.oldest());
  const Feeds::Feed& feed = feeds_.feed(tree);
  bool asked = !again && !whole.requested && (feed.parent == from.peer || feed.asked == from.peer || from.subscribed_until[tree] > now_);
  if (!asked && from.requests_open > 0) {
    --from.requests_open;
    asked = true;
  }
  if (asked && from.unasked > 0) --from.unasked;
  return asked;
}

void Engine::Impl::piece_verified(PieceNumber piece, PieceStore::Held held, std::optional<PeerId> from, bool requested) {
  const auto bytes = static_cast<std::uint32_t>(held.bytes.size());
  const Duration age = held.age;
  if (!store_.put(piece, std::move(held))) return;
  ++verified_;
  if (requested) ++repaired_;
  fresh_.push_back(piece);
  if (from) {
    if (const auto cancel = repair_.arrived(piece, *from)) send(cancel->peer, wire::Cancel{.rendition = rendition(), .pieces = {piece}});
    if (requested) feeds_.came_by_request(piece);
    else if (Neighbor* parent = find(*from)) feeds_.pushed_by(*parent, stripe_of(piece), age, true, now_);
  }
  relay(piece, bytes, from);
  const ManifestLog::Entry* entry = log_.find(piece);
  CHECK(entry, "a piece was verified against nothing");
  if (piece + 1 == entry->part.end()) delay_ = delay_ == Duration{} ? age : delay_ + (age - delay_) / 8;
  start_playback();
  play();
}

void Engine::Impl::relay(PieceNumber piece, std::uint32_t bytes, std::optional<PeerId> except) {
  if (!giving() && !options_.source) return;
  for (const Children::Child& child : children_.of(stripe_of(piece))) {
    if (child.peer == except || piece < child.from || piece >= child.until) continue;
    const Neighbor* neighbor = find(child.peer);
    if (!neighbor || neighbor->has.has(piece)) continue;
    if (!uplink_.push(child.peer, piece, bytes, false, now_)) {
      send(child.peer, wire::Unavailable{.rendition = rendition(), .pieces = {piece}});
    }
  }
}

void Engine::Impl::manifest_verified(std::vector<wire::ManifestEntry> parts, const Payload& message, std::optional<PeerId> from) {
  if (Neighbor* parent = from ? find(*from) : nullptr) feeds_.pushed_by(*parent, kManifestTree, now_ - made_at(parts.back()), true, now_);
  std::vector<const ManifestLog::Entry*> added;
  if (!log_.add(std::move(parts), message, now_, added)) {
    decide("two signed manifest entries contradict each other; the later one is ignored");
    return;
  }
  if (added.empty()) return;
  for (const Children::Child& child : children_.of(kManifestTree)) {
    if (child.peer != from) send(child.peer, message);
  }
  if (!options_.source) {
    start_playback();
    for (const ManifestLog::Entry* entry : added) {
      for (PieceNumber piece = entry->part.first; piece < entry->part.end(); ++piece) {
        if (!store_.has(piece) && (!playout_.started() || piece >= playout_.cursor())) repair_.want(piece, made_at(entry->part));
      }
    }
    // Pieces that came before their entry.
    std::deque<Early> waiting;
    std::swap(waiting, early_);
    for (Early& early : waiting) {
      if (!log_.find(early.whole.piece)) {
        if (now_ - early.at < 5s) early_.push_back(std::move(early));
      } else if (Neighbor* sender = find(early.from)) {
        place_piece(*sender, std::move(early.whole), early.at);
      }
    }
  }
  trim_window();
  plan_repair();
}

void Engine::Impl::header_verified(const wire::RenditionHeader& header, const Payload& message) {
  if (!header_message_.empty() && !options_.source) return;
  header_message_ = message;
  rendition_ = header.rendition;
  rendition_bits_per_s_ = header.bits_per_s;
  uplink_.budget().set_rate(upload_bits_per_s(), now_);
  for (auto& [peer, neighbor] : neighbors_) {
    neighbor.header_sent = options_.source ? false : neighbor.header_sent;
    if (neighbor.greeted) send_header(neighbor);
  }
  if (!options_.source) {
    out_.push_back(PlayRendition{{.id = RenditionId{header.rendition}, .codecs = header.codecs, .width = header.width, .height = header.height,
                                  .bits_per_s = header.bits_per_s, .init = Payload::copy_of(header.init)}});
  }
  feeds_.hurry();
  plan_feeds();
  start_playback();
  play();
}

void Engine::Impl::publish_sealed() {
  while (auto sealed = sealer_.take()) {
    const Payload message{wire::encode(wire::Message{wire::Manifest{.batch = std::move(sealed->batch), .signature = sealed->signature}})};
    const wire::ManifestEntry entry = sealed->entry;
    manifest_verified({entry}, message, std::nullopt);
    for (PieceNumber piece = entry.first; piece < entry.end(); ++piece) {
      piece_verified(piece,
                     {.bytes = sealed->bytes.slice(entry.piece_offset(piece), entry.piece_size(piece)), .since = now_, .age = now_ - sealed->made},
                     std::nullopt, false);
    }
  }
}

void Engine::Impl::start_playback() {
  if (options_.source || playout_.started() || header_message_.empty()) return;
  const ManifestLog::Entry* start = log_.newest_start(UINT32_MAX);
  if (!start) return;
  // The newest segment whose key part somebody already has; a newer one would be waited for longer than it saves.
  for (const ManifestLog::Entry* at = start; at; at = log_.newest_start(at->part.first)) {
    const bool had = store_.has(at->part.first) || std::any_of(neighbors_.begin(), neighbors_.end(), [&](const auto& n) {
                       return n.second.greeted && n.second.has.has(at->part.first);
                     });
    if (had) {
      start = at;
      break;
    }
  }
  playout_.start_at(start->part.first);
  repair_.forget_before(start->part.first);
  for (std::size_t at = log_.place_at_or_after(start->part.first); at < log_.entries().size(); ++at) {
    const wire::ManifestEntry& part = log_.entries()[at].part;
    for (PieceNumber piece = part.first; piece < part.end(); ++piece) {
      if (!store_.has(piece)) repair_.want(piece, made_at(part));
    }
  }
  plan_repair();
}

void Engine::Impl::play() {
  if (options_.source) return;
  while (auto part = playout_.take(log_, store_, now_)) {
    ++played_;
    out_.push_back(std::move(*part));
  }
}

void Engine::Impl::trim_window() {
  const PieceNumber oldest = log_.keep(options_.window);
  store_.drop_before(oldest);
  repair_.forget_before(oldest);
  children_.drop_finished(log_.end());
}

void Engine::Impl::send_waiting() {
  while (auto item = uplink_.take(now_)) {
    const PieceStore::Held* held = store_.find(item->piece);
    Neighbor* to = find(item->peer);
    if (!held || !to) continue;
    if (!item->requested && to->has.has(item->piece)) continue;
    const Duration age = held->age + (now_ - held->since);
    wire::Fragment fragment{.rendition = rendition(),
                            .requested = item->requested,
                            .size = static_cast<std::uint16_t>(held->bytes.size()),
                            .piece = item->piece,
                            .age_ms = static_cast<std::uint16_t>(std::min<std::int64_t>(age / 1ms, 65535))};
    const std::size_t room = std::max(options_.message_bytes_max, kMessageBytesMax) - wire::kFragmentHeaderBytes;
    for (std::size_t offset = 0; offset < held->bytes.size(); offset += room) {
      const std::size_t size = std::min(room, held->bytes.size() - offset);
      fragment.offset = static_cast<std::uint16_t>(offset);
      out_.push_back(Send{.peer = item->peer, .channel = Channel::kPieces, .header = wire::encode(fragment), .body = held->bytes.slice(offset, size)});
    }
    const auto bytes = static_cast<std::int64_t>(held->bytes.size());
    to->given_bytes += bytes;
    to->given_10s.add(bytes, now_);
    given_5s_.add(bytes, now_);
    given_bytes_ += bytes;
  }
}

}  // namespace p2p::mesh
