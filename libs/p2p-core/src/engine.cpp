#include "p2p-core/engine.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "base/check.hpp"
#include "base/hex.hpp"
#include "base/prefetch.hpp"
#include "engine_impl.hpp"

namespace p2p::mesh {
namespace {

constexpr Duration kHaveEvery = 200ms;
constexpr Duration kReportEvery = 5s;
/// The largest piece with its packets' headers: more at once would overflow the queue before a weak line.
constexpr std::int64_t kBurstBytesMin = wire::kPieceBytesMax + 1'024;
/// Wakes come late on a busy machine; so late only when nothing ran at all.
constexpr Duration kOverslept = 400ms;
/// Then it takes a moment to read what has come meanwhile.
constexpr Duration kReadsFor = 500ms;

}  // namespace

Engine::Engine(Options options, Instant now) : impl_{std::make_unique<Impl>(options, now)} {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

void Engine::handle(Instant now, const Input& input) { impl_->handle(now, input); }
std::optional<Output> Engine::poll() { return impl_->poll(); }
Instant Engine::next_wake() const { return impl_->next_wake(); }
void Engine::prefetch(Ahead ahead, PeerId from) const { impl_->prefetch(ahead, from); }
EngineStats Engine::stats() const { return impl_->stats(); }
std::uint64_t Engine::digest() const { return impl_->digest(); }
void Engine::check_invariants() const { impl_->check_invariants(); }

Engine::Impl::Impl(Options options, Instant now)
    : options_{options},
      now_{now},
      have_at_{now + kHaveEvery},
      second_at_{now + 1s},
      report_at_{now + kReportEvery},
      ticked_at_{now},
      surplus_at_{now},
      source_room_at_{now},
      prng_{options.seed},
      membership_{{.connections_max = options.connections_max, .source = options.source}, prng_.fork(1)},
      carrier_{now},
      uplink_{{.bits_per_s = std::max(options.upload_bits_per_s * kLinePercent / 100, kUploadBitsPerSMin),
               .burst_bytes_min = kBurstBytesMin}, now},
      chat_{now},
      pace_{options.latency} {
  tracks_.push_back(std::make_unique<Track>(prng_, patience()));
  wake_at_ = wake_wanted();
}

void Engine::Impl::handle(Instant now, const Input& input) {
  CHECK(now >= now_, "the driver's time went backwards");
  CHECK(now == now_ || out_.empty(), "time went on before the outputs were drained");
  const Duration late = now - wake_at_;
  now_ = now;
  if (late > kOverslept && !neighbors_.empty()) overslept(late);
  mix(input);
  std::visit([&](const auto& fact) { on(fact); }, input);
  if (tick_due()) tick();   // what waits at the uplink is looked at below, tick or not
  mind_switch();
  send_waiting();
  wake_at_ = wake_wanted();
}

void Engine::Impl::prefetch(Ahead ahead, PeerId from) const {
  switch (ahead) {
    case Ahead::kEngine: return p2p::prefetch(this, kHotBytes);
    case Ahead::kTables:
      neighbors_.prefetch();
      return p2p::prefetch(tracks_.data(), sizeof(tracks_.front()));
    case Ahead::kParts:
      main().prefetch();
      if (const auto at = neighbors_.find(from); at != neighbors_.end()) at->second.prefetch();
      return;
    case Ahead::kRest:
      if (const auto at = neighbors_.find(from); at != neighbors_.end()) at->second.prefetch_track(main().id());
  }
}

/// A machine that slept or a page that was held up: what neighbors sent meanwhile is still to be read, so nobody was silent.
void Engine::Impl::overslept(Duration late) {
  decide("was held up for " + std::to_string(late / 1ms) + " ms", Topic::kPlay);
  for (auto& [peer, neighbor] : neighbors_) {
    neighbor.heard_at = std::min(now_, neighbor.heard_at + late);
    uplink_.interrupted(peer);
  }
  for (auto& track : tracks_) track->playout.wait_until(now_ + kReadsFor);
}

std::optional<Output> Engine::Impl::poll() {
  if (out_.empty()) return std::nullopt;
  std::optional<Output> output{std::move(out_.front())};
  out_.pop_front();
  mix(*output);
  return output;
}

void Engine::Impl::on(const Joined& input) {
  signaling_ = true;
  carrier_.forget_all();   // the server is the way again; who still lacks it has its signals carried here, and so gets its answers
  membership_.joined(input.self, input.source);
  if (input.source) {
    for (auto& track : tracks_) track->feeds.set_source(path_name(*input.source));
    if (Neighbor* source = find(*input.source)) source->role = Role::kSource;
  }
  for (const Candidate& candidate : input.candidates) membership_.learn(candidate, now_);
  dial_more();
}

void Engine::Impl::on(const CandidatesFound& input) {
  for (const Candidate& candidate : input.candidates) membership_.learn(candidate, now_);
  dial_more();
}

void Engine::Impl::on(const SignalingAway&) {
  signaling_ = false;
  membership_.signaling_away(now_);
  dial_more();
}

void Engine::Impl::on(const OfferReceived& input) {
  if (leaving_) {
    out_.push_back(Refuse{input.from, "leaving"});
    return;
  }
  // A newcomer takes the place of a link that is of little use; of one to his own network, when that has its share.
  const bool crowded = membership_.crowded(input.network);
  Neighbor* idle = crowded || membership_.full(now_) ? least_useful(crowded ? input.network : 0) : nullptr;
  const Membership::Offer offer{.peer = input.from, .network = input.network, .makes_room = idle != nullptr, .by = carrier_.route(input.from, now_), .at = now_};
  if (!membership_.offered(offer)) {
    out_.push_back(Refuse{input.from, membership_.banned(input.from) ? "banned" : "full"});
    return;
  }
  if (idle && idle->peer != input.from) {
    const PeerId peer = idle->peer;
    decide("hangs up on " + short_name(peer) + ": it makes room for " + short_name(input.from), Topic::kLink);
    out_.push_back(HangUp{peer, "full"});
    drop_neighbor(peer);
  }
  out_.push_back(Accept{input.from});
}

void Engine::Impl::on(const LinkUp& input) {
  if (neighbors_.contains(input.peer)) drop_neighbor(input.peer);
  membership_.link_up(input.peer, now_);
  if (membership_.overfull()) {
    decide("hangs up on " + short_name(input.peer) + ": it took so long that others have its place", Topic::kLink);
    out_.push_back(HangUp{input.peer, "full"});
    membership_.link_down(input.peer, now_);
    return;
  }
  Neighbor& neighbor = neighbors_[input.peer];
  neighbor.peer = input.peer;
  neighbor.relayed = input.relayed;
  neighbor.up_at = now_;
  neighbor.heard_at = now_;
  if (membership_.is_source(input.peer)) neighbor.role = Role::kSource;
  uplink_.link_up(input.peer);
  send(input.peer, wire::Hello{.stream = options_.stream, .role = static_cast<std::uint8_t>(role()), .giving = giving(),
                                .fresh = !options_.source && renditions_.empty(), .chat = true});
}

void Engine::Impl::on(const LinkDown& input) {
  if (neighbors_.contains(input.peer)) {
    drop_neighbor(input.peer);
  } else {
    membership_.link_down(input.peer, now_);
  }
  plan_feeds();
  dial_more();
}

void Engine::Impl::on(const MessageReceived& input) {
  Neighbor* from = find(input.from);
  if (!from) return;   // in flight when we hung up
  from->heard_at = now_;
  if (input.channel == Channel::kPieces) {
    on_fragment(*from, input);
    return;
  }
  // Relayed manifests and headers are all body.
  auto message = wire::decode(input.body.empty() ? input.bytes.view() : input.body.view());
  if (!message) {
    misbehaved(input.from, message.error().text);
    return;
  }
  if (!from->greeted && !std::holds_alternative<wire::Hello>(*message)) {
    misbehaved(input.from, "spoke before its Hello");
    return;
  }
  std::visit([&](auto& m) {
    if constexpr (std::is_same_v<decltype(m), wire::Manifest&>) on_manifest(*from, m, input.body.empty() ? input.bytes : input.body);
    else on_message(*from, m);
  }, *message);
}

void Engine::Impl::on(const LinkBacklog& input) { uplink_.backlog(input.peer, input.bytes, now_); }

void Engine::Impl::on(const RenditionProduced& input) {
  CHECK(options_.source, "only a source produces");
  const Rendition& made = input.rendition;
  CHECK(made.init.size() <= wire::kInitBytesMax && made.codecs.size() <= wire::kCodecsBytesMax, "a header beyond its limits");
  const wire::RenditionHeader header{.rendition = made.id.value, .codecs = made.codecs, .width = made.width, .height = made.height,
                                     .bits_per_s = made.bits_per_s, .init = Bytes{made.init.view().begin(), made.init.view().end()}};
  CHECK(made.id.value < wire::kRenditionsMax, "more renditions than a stream may have");
  Track* track = track_of(made.id.value);
  if (!track) track = &add_track(made.id);
  track->rendition = made.id;
  track->bits_per_s = made.bits_per_s;
  if (input.first_piece > track->sealer.next_piece()) track->sealer.start_at(input.first_piece);
  const RequestId request{next_request_++};
  out_.push_back(Sign{request, wire::signed_header(wire::encode(header))});
  headers_to_sign_.emplace(request, header);
}

void Engine::Impl::on(const PartProduced& input) {
  CHECK(options_.source, "only a source produces");
  Track* track = track_of(input.part.id.rendition.value);
  CHECK(track, "a part of a rendition that was not announced");
  if (!track->sealer.add(input.part, now_, next_request_, out_)) {
    decide("a part was dropped: the driver does not keep up with hashing");
    return;
  }
  produced_bytes_ += static_cast<std::int64_t>(input.part.bytes.size());
  chat_.source_offset_us = (input.part.captured.time_since_epoch() - now_.time_since_epoch()).count();
}

void Engine::Impl::on(const PieceHashed& input) {
  for (auto& track : tracks_) {
    if (track->sealer.hashed(input.digest, input.request, next_request_, out_)) return;
  }
  const auto at = pending_.find(input.request);
  if (at == pending_.end()) return;
  Pending pending = std::move(at->second);
  pending_.erase(at);
  Track* track = track_of(pending.rendition.value);
  const ManifestLog::Entry* entry = track ? track->log.find(pending.piece) : nullptr;
  if (!entry || track->store.has(pending.piece)) return;   // it has left the window, or came twice at once
  if (entry->part.digests[pending.piece - entry->part.first] != input.digest) {
    ++failed_;
    if (pending.from) {
      if (Neighbor* from = find(*pending.from)) ++from->failed_at_report;
      // Of several that were being hashed the first is enough.
      if (!membership_.banned(*pending.from)) misbehaved(*pending.from, "sent a piece that fails its hash");
      track->repair.unavailable(*pending.from, pending.piece, now_);
    } else {
      edge_is_false(*track, pending.piece, "it sent a piece that fails its hash");
    }
    plan_repair(*track);
    return;
  }
  piece_verified(*track, pending.piece, {.bytes = pending.bytes, .since = now_, .age = pending.age + (now_ - pending.asked_at)}, pending.from,
                 pending.requested);
}

void Engine::Impl::on(const Signed& input) {
  if (chat_signed(input)) return;
  if (const auto at = headers_to_sign_.find(input.request); at != headers_to_sign_.end()) {
    const Bytes blob = wire::encode(at->second);
    header_verified(at->second, Payload{wire::encode(wire::Message{wire::Header{.blob = blob, .signature = input.signature}})});
    headers_to_sign_.erase(at);
    return;
  }
  for (auto& track : tracks_) {
    if (track->sealer.was_signed(input.signature, input.request)) return publish_sealed(*track);
  }
}

void Engine::Impl::on(const SignatureChecked& input) {
  if (chat_checked(input)) return;
  const auto at = pending_.find(input.request);
  if (at == pending_.end()) return;
  Pending pending = std::move(at->second);
  pending_.erase(at);
  if (!input.valid) {
    if (!membership_.banned(*pending.from)) misbehaved(*pending.from, "sent a signature that is not the source's");
    return;
  }
  if (pending.kind == Pending::Kind::kHeader) {
    header_verified(pending.header, pending.bytes);
  } else if (Track* track = track_of(pending.rendition.value)) {
    manifest_verified(*track, std::move(pending.parts), pending.bytes, pending.from);
  }
}

void Engine::Impl::on(const ChooseQuality& input) {
  CHECK(!options_.source, "only a viewer chooses");
  quality_.choose(input.rendition);
  mind_quality();
}

void Engine::Impl::on(const SharingChanged& input) {
  options_.giving = input.giving;
  upload_cap_bits_per_s_ = input.upload_bits_per_s_max;
  uplink_.budget().set_rate(upload_bits_per_s(), now_);
  if (!input.giving) {
    for (const auto& [peer, neighbor] : neighbors_) evict_everywhere(peer);
  }
  for (const auto& [peer, neighbor] : neighbors_) send_status(peer);
}

void Engine::Impl::on(const Receipts& input) {
  score_ = input.score;
  for (const Receipts::Given& given : input.given) {
    const auto kbit_per_s = static_cast<std::uint32_t>(std::clamp<std::int64_t>(given.bits_per_s / 1000, 0, INT32_MAX));
    if (given.peer == membership_.self()) attested_kbit_per_s_ = kbit_per_s;
    else if (Neighbor* neighbor = find(given.peer)) neighbor->attested_kbit_per_s = kbit_per_s;
  }
}

void Engine::Impl::on(const EdgeOffered& input) {
  edge_offered_ = input.offered && !options_.source;
  for (auto& track : tracks_) track->edge.offered(edge_offered_, track->repair);
}

void Engine::Impl::edge_is_false(Track& track, PieceNumber piece, const std::string& why) {
  decide("goes without the edge: " + why, Topic::kFeed);
  track.repair.came_back(piece);
  on(EdgeOffered{false});
}

void Engine::Impl::on(const PieceFetched& input) {
  Track* const track = track_of(input.rendition.value);
  const ManifestLog::Entry* entry = track ? track->log.find(input.piece) : nullptr;
  if (!entry) return;
  const Duration age = now_ - made_at(entry->part);
  from_edge_bytes_ += static_cast<std::int64_t>(input.bytes.size());
  if (!track->edge.answered(input.piece, !input.bytes.empty(), age, now_)) return;
  if (track->store.has(input.piece)) {
    duplicate_bytes_ += static_cast<std::int64_t>(input.bytes.size());
    return;
  }
  if (input.bytes.empty() || pending_.size() >= kPendingMax) {
    track->repair.came_back(input.piece);
    return plan_repair(*track);
  }
  if (input.bytes.size() != entry->part.piece_size(input.piece)) {
    ++failed_;
    edge_is_false(*track, input.piece, "it sent a piece of the wrong size");
    return plan_repair(*track);
  }
  const RequestId request{next_request_++};
  pending_.emplace(request, Pending{.kind = Pending::Kind::kPiece, .from = std::nullopt, .rendition = track->id(), .piece = input.piece, .requested = true,
                                    .age = age, .asked_at = now_, .bytes = input.bytes, .parts = {}, .header = {}});
  out_.push_back(HashPiece{request, input.bytes});
}

void Engine::Impl::on(const Leave&) {
  leaving_ = true;
  for (const auto& [peer, neighbor] : neighbors_) send(peer, wire::Bye{.reason = "leaving"});
}

void Engine::Impl::on(const Wake&) {}

void Engine::Impl::on(const LinkWidened& input) {
  Neighbor* neighbor = find(input.peer);
  if (!neighbor || input.associations == 0 || input.associations == neighbor->associations) return;
  uplink_.widened(input.peer, neighbor->associations, input.associations);
  neighbor->associations = input.associations;
  neighbor->widened_at = now_;
  if (input.associations >= neighbor->widened_to) neighbor->widen_at = now_;
  neighbor->link_missed = false;
  for (auto& track : tracks_) {
    neighbor->in(track->id()).trees_max_until = now_;   // what it could not carry it may carry now
    track->feeds.hurry();
  }
}

void Engine::Impl::send(PeerId peer, const wire::Message& message) {
  Bytes bytes = wire::encode(message);
  uplink_.sent_control(peer, bytes.size(), now_);
  control_bytes_ += static_cast<std::int64_t>(bytes.size());
  out_.push_back(Send{.peer = peer, .channel = Channel::kControl, .header = std::move(bytes)});
}

void Engine::Impl::send(PeerId peer, const Payload& encoded) {
  control_bytes_ += static_cast<std::int64_t>(encoded.size());
  uplink_.sent_control(peer, encoded.size(), now_);
  out_.push_back(Send{.peer = peer, .channel = Channel::kControl, .body = encoded});
}

void Engine::Impl::decide(std::string text, Topic topic) {
  if (decisions_.size() == kDecisionsKept) decisions_.pop_back();
  decisions_.push_front({now_, text});
  out_.push_back(Decision{std::move(text), topic});
}

void Engine::Impl::evict(Track& track, Children::Place place, PeerId hint, PieceNumber until, bool link_full) {
  if (Neighbor* neighbor = link_full ? find(place.peer) : nullptr) ++neighbor->held_up;
  // Children::ask has marked the one that goes for a newcomer already.
  const bool marked = hint != PeerId{};
  if (!marked && !track.children.evict(place, until)) return;
  decide("feeds " + short_name(place.peer) + " stripe " + std::to_string(place.tree) + " not much longer: " +
         (link_full ? "the link is full" : marked ? short_name(hint) + " passes on more" : "the link is for others"), Topic::kFeed);
  send(place.peer, wire::Evict{.rendition = track.number(), .stripe = tree_to_wire(place.tree), .hint = hint, .until = until, .link_full = link_full});
}

void Engine::Impl::evict_everywhere(PeerId peer) {
  for (auto& track : tracks_) {
    for (std::size_t tree = 0; tree < kTrees; ++tree) evict(*track, {peer, tree}, PeerId{}, track->log.end() + track->pieces_in(kGrace), false);
  }
}

void Engine::Impl::dial_more() {
  if (leaving_) return;
  const Membership::Need need = need_of_links();
  for (const PeerId peer : membership_.plan(need, now_)) {
    if (signaling_) carrier_.forget(peer);
    out_.push_back(Dial{peer});
  }
  ask_neighbors();
  if (signaling_ && membership_.ask_directory(need, now_)) out_.push_back(FindCandidates{membership_.known(), need.rendition});
}

void Engine::Impl::misbehaved(PeerId peer, std::string what) {
  out_.push_back(Misbehaved{peer, what});
  out_.push_back(HangUp{peer, std::move(what)});
  drop_neighbor(peer);
  membership_.ban(peer);
}

void Engine::Impl::drop_neighbor(PeerId peer) {
  neighbors_.erase(peer);
  uplink_.link_down(peer);
  for (auto& track : tracks_) track->peer_gone(peer, now_);
  source_clock_.gone(peer);
  line_queue_.gone(peer);
  membership_.link_down(peer, now_);
  carrier_.neighbor_gone(peer);
  chat_.relay.link_down(peer);
}

Track& Engine::Impl::add_track(RenditionId rendition) {
  CHECK(tracks_.size() < (options_.source ? wire::kRenditionsMax : kTracksMax), "more tracks than may be");
  Track& track = *tracks_.emplace_back(std::make_unique<Track>(prng_, patience()));
  track.rendition = rendition;
  if (edge_offered_) track.edge.offered(true, track.repair);
  if (membership_.source()) track.feeds.set_source(path_name(*membership_.source()));
  return track;
}

Track* Engine::Impl::track_of(std::uint8_t rendition) {
  for (auto& track : tracks_) {
    if (!track->known() || track->number() == rendition) return track.get();
  }
  return nullptr;
}

Neighbor* Engine::Impl::find(PeerId peer) {
  const auto at = neighbors_.find(peer);
  return at == neighbors_.end() ? nullptr : &at->second;
}

Role Engine::Impl::role() const {
  if (options_.source) return Role::kSource;
  if (!giving()) return Role::kLeaf;
  // By what is given: who feeds more than two whole streams' worth is a super-seed, who feeds anybody a relay.
  const std::uint32_t used = slots_used();
  if (used >= 2 * kStripes) return Role::kSuperSeed;
  return used > 0 ? Role::kRelay : Role::kLeaf;
}

EngineStats Engine::Impl::stats() const {
  const Track& track = main();
  EngineStats stats{.role = role(),
                    .score = score_,
                    .hop = track.feeds.hop(),
                    .received_from_peers_bytes = from_peers_bytes_,
                    .received_from_edge_bytes = from_edge_bytes_,
                    .received_from_source_bytes = from_source_bytes_,
                    .given_bytes = given_bytes_,
                    .duplicate_bytes = duplicate_bytes_,
                    .control_sent_bytes = control_bytes_,
                    .produced_bytes = produced_bytes_,
                    .upload_allowed_bits_per_s = uplink_.budget().bits_per_s(),
                    .upload_used_bits_per_s = std::int64_t{gives_kbit_per_s()} * 1000,
                    .pieces_verified = verified_,
                    .pieces_repaired = repaired_,
                    .pieces_failed = failed_,
                    .parts_played = played_,
                    .parts_skipped = skipped_,
                    .delay_ms = static_cast<std::uint32_t>(delay_ / 1ms),
                    .buffer_ms = static_cast<std::uint32_t>((playhead_ ? playhead_->buffered : 0ms) / 1ms)};
  if (const ManifestLog::Entry* newest = track.log.newest()) {
    stats.kept_ms = static_cast<std::uint32_t>((newest->part.media_time_us + newest->part.duration_us - track.log.entries().front().part.media_time_us) / 1000);
  }
  if (playhead_) stats.behind_ms = static_cast<std::uint32_t>(std::max<Duration>(seen_of_player().behind, 0ms) / 1ms);
  if (const auto target = pace_.target()) stats.target_ms = static_cast<std::uint32_t>(*target / 1ms);
  for (const auto& [at, text] : decisions_) stats.decisions.push_back({.ago = now_ - at, .text = text});
  if (const auto wall = source_clock_.wall(now_)) stats.live_edge = *wall;
  for (const auto& [id, known] : renditions_) {
    PieceNumber next_piece = 0;
    for (const auto& carried : tracks_) next_piece = carried->id() == id ? carried->sealer.next_piece() : next_piece;
    stats.renditions.push_back({.id = id, .width = known.header.width, .height = known.header.height, .bits_per_s = known.header.bits_per_s,
                                .played = !options_.source && id == track.id(),
                                .next_piece = next_piece});
  }
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    const Feeds::Feed& feed = track.feeds.feed(tree);
    stats.stripes.push_back({.parent = feed.parent,
                             .hop = static_cast<std::uint8_t>(feed.path.size()),
                             .delay_ms = static_cast<std::uint32_t>(feed.delay / 1ms),
                             .children = static_cast<std::uint16_t>(track.children.of(tree).size())});
  }
  for (const auto& [peer, neighbor] : neighbors_) {
    std::uint8_t stripes_in = 0, hop = 0;
    for (std::size_t tree = 0; tree < kStripes; ++tree) {
      if (track.feeds.feed(tree).parent == peer) ++stripes_in;
      if (neighbor.in(track.id()).stripes[tree].delay_ms != wire::StripeState::kUnfed) hop = std::max(hop, neighbor.in(track.id()).stripes[tree].hop);
    }
    stats.neighbors.push_back({.peer = peer,
                               .role = neighbor.role,
                               .hop = hop,
                               .stripes_in = stripes_in,
                               .stripes_out = static_cast<std::uint8_t>(track.children.stripes_given(peer)),
                               .rtt_ms = static_cast<std::uint32_t>(neighbor.rtt / 1ms),
                               .relayed = neighbor.relayed,
                               .received_bytes = neighbor.received_bytes,
                               .given_bytes = neighbor.given_bytes,
                               .received_bytes_10s = neighbor.received_10s.sum(now_),
                               .given_bytes_10s = neighbor.given_10s.sum(now_),
                               .held_up = neighbor.held_up});
  }
  return stats;
}

void Engine::Impl::check_invariants() const {
  membership_.check_invariants();
  carrier_.check_invariants();
  uplink_.check_invariants();
  for (const auto& track : tracks_) {
    track->check_invariants();
    for (const auto& [peer, neighbor] : neighbors_) neighbor.in(track->id()).reassembly.check_invariants();
  }
  CHECK(pending_.size() <= kPendingMax, "more waits than may");
  chat_.log.check_invariants();
  chat_.relay.check_invariants();
  chat_.reactions.check_invariants();
  CHECK(chat_.held.size() <= ChatState::kHeldMax, "more chat messages are held than may be");
  CHECK(chat_.checks.size() <= ChatState::kChecksMax, "more chat messages wait to be checked than may");
}

void Engine::Impl::mix(const Input& input) {
  digest_.mix(input.index());
  digest_.mix(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
  if (const auto* message = std::get_if<MessageReceived>(&input)) {
    digest_.mix(message->from.value);
    digest_.mix(message->bytes.size() + message->body.size());
    digest_.mix(message->bytes.view().first(std::min<std::size_t>(message->bytes.size(), 16)));
  } else if (const auto* signal = std::get_if<SignalReady>(&input)) {
    digest_.mix(signal->to.value);
    digest_.mix(signal->signal);
  }
}

void Engine::Impl::mix(const Output& output) {
  digest_.mix(output.index());
  if (const auto* sent = std::get_if<Send>(&output)) {
    digest_.mix(sent->peer.value);
    digest_.mix(sent->header);
    digest_.mix(sent->body.size());
  } else if (const auto* dial = std::get_if<Dial>(&output)) {
    digest_.mix(dial->peer.value);
  } else if (const auto* played = std::get_if<PlayPart>(&output)) {
    digest_.mix(played->part.id.segment);
    digest_.mix(played->part.id.part);
  } else if (const auto* passed = std::get_if<SendSignal>(&output)) {
    digest_.mix(passed->to.value);
  } else if (const auto* taken = std::get_if<TakeSignal>(&output)) {
    digest_.mix(taken->from.value);
    digest_.mix(taken->signal);
  } else if (const auto* shown = std::get_if<ChatShown>(&output)) {
    digest_.mix(shown->message.id);
  }
}

}  // namespace p2p::mesh
