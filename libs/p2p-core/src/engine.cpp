#include "p2p-core/engine.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/check.hpp"
#include "base/hex.hpp"
#include "engine_impl.hpp"

namespace p2p::mesh {
namespace {

constexpr Duration kHaveEvery = 200ms;
constexpr Duration kReportEvery = 5s;
/// Below this a single piece is on the line for so long that everybody behind it suffers: such a peer feeds nobody.
constexpr std::int64_t kRelayBitsPerSMin = 800'000;
constexpr std::int64_t kUploadBitsPerSMin = 64'000;
/// The largest piece with its packets' headers: more at once would overflow the queue before a weak line.
constexpr std::int64_t kBurstBytesMin = wire::kPieceBytesMax + 1'024;
/// Of what a peer receives it sends about a twentieth back as acknowledgements (measured, docs/links.md).
constexpr std::int64_t kReturnPercent = 5;
/// What it says to its neighbors is paid when it is said; so much of the line is not promised to children.
constexpr std::int64_t kTalkBitsPerS = 60'000;
/// The fullest that a line may be: one that is filled to the brim queues everything, acknowledgements included.
constexpr std::int64_t kLinePercent = 90;
constexpr std::int64_t kLinePercentSource = 95;   ///< it acknowledges nothing
/// Of the upload that goes into promises to children; the rest is for repairs and bursts.
constexpr std::int64_t kPromisePercent = 80;
constexpr std::int64_t kPromisePercentLast = 95;   ///< of the source's, before a stripe is refused to who has nobody for it
/// Payload and its headers.
constexpr std::int64_t kOnLinePercent = 107;
/// A link is new, or was needed a moment ago: its use has yet to show.
constexpr Duration kLinkTrial = 4s;
/// A viewer that holds one of the source's links for so long without passing much on may have to make room.
constexpr Duration kSourceTrial = 15s;
constexpr Duration kSourceRoomEvery = 2s;
constexpr std::int64_t kGoodLinkStripes = 3;
/// A driver gives up to set up an association after 15 s; few take more than a second or two.
constexpr Duration kWidenTime = 5s;
constexpr Duration kWidenAgain = 60s;
/// The queue that was there drains first.
constexpr Duration kWidenSettles = 2s;
/// Wakes come late on a busy machine; so late only when nothing ran at all.
constexpr Duration kOverslept = 400ms;
/// Then it takes a moment to read what has come meanwhile.
constexpr Duration kCatchUp = 500ms;
/// So many links of ours say what to expect of another.
constexpr std::size_t kLinksTypical = 3;

}  // namespace

Engine::Engine(Options options, Instant now) : impl_{std::make_unique<Impl>(options, now)} {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

void Engine::handle(Instant now, const Input& input) { impl_->handle(now, input); }
std::optional<Output> Engine::poll() { return impl_->poll(); }
Instant Engine::next_wake() const { return impl_->next_wake(); }
EngineStats Engine::stats() const { return impl_->stats(); }
std::uint64_t Engine::digest() const { return impl_->digest(); }
void Engine::check_invariants() const { impl_->check_invariants(); }

Engine::Impl::Impl(Options options, Instant now)
    : options_{options},
      now_{now},
      prng_{options.seed},
      membership_{{.connections_max = options.connections_max, .source = options.source}, prng_.fork(1)},
      carrier_{now},
      feeds_{prng_.fork(2)},
      uplink_{{.bits_per_s = std::max(options.upload_bits_per_s * kLinePercent / 100, kUploadBitsPerSMin),
               .burst_bytes_min = kBurstBytesMin}, now},
      repair_{prng_.fork(3)},
      playout_{options.patience},
      have_at_{now + kHaveEvery},
      second_at_{now + 1s},
      report_at_{now + kReportEvery},
      surplus_at_{now},
      source_room_at_{now},
      ticked_at_{now} {}

void Engine::Impl::handle(Instant now, const Input& input) {
  CHECK(now >= now_, "the driver's time went backwards");
  CHECK(now == now_ || out_.empty(), "time went on before the outputs were drained");
  const Duration late = now - next_wake();
  now_ = now;
  if (late > kOverslept && !neighbors_.empty()) overslept(late);
  mix(input);
  std::visit([&](const auto& fact) { on(fact); }, input);
  if (next_tick() <= now_) tick();   // what waits at the uplink is looked at below, tick or not
  send_waiting();
}

/// A machine that slept or a page that was held up: what neighbors sent meanwhile is still to be read, so nobody was silent.
void Engine::Impl::overslept(Duration late) {
  decide("was held up for " + std::to_string(late / 1ms) + " ms");
  for (auto& [peer, neighbor] : neighbors_) {
    neighbor.heard_at = std::min(now_, neighbor.heard_at + late);
    uplink_.interrupted(peer);
  }
  playout_.wait_until(now_ + kCatchUp);
}

std::optional<Output> Engine::Impl::poll() {
  if (out_.empty()) return std::nullopt;
  Output output = std::move(out_.front());
  out_.pop_front();
  mix(output);
  return output;
}

void Engine::Impl::on(const Joined& input) {
  signaling_ = true;
  carrier_.forget_all();   // the server is the way again; who still lacks it has its signals carried here, and so gets its answers
  membership_.joined(input.self, input.source);
  if (input.source) feeds_.set_source(path_name(*input.source));
  if (input.source) {
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
  // A newcomer takes the place of a link that is of little use.
  Neighbor* idle = membership_.full() ? least_useful() : nullptr;
  if (!membership_.offered(input.from, idle != nullptr, carrier_.route(input.from, now_))) {
    out_.push_back(Refuse{input.from, membership_.banned(input.from) ? "banned" : "full"});
    return;
  }
  if (idle && idle->peer != input.from) {
    const PeerId peer = idle->peer;
    decide("hangs up on " + short_name(peer) + ": it makes room for " + short_name(input.from));
    out_.push_back(HangUp{peer, "full"});
    drop_neighbor(peer);
  }
  out_.push_back(Accept{input.from});
}

void Engine::Impl::on(const LinkUp& input) {
  if (neighbors_.contains(input.peer)) drop_neighbor(input.peer);
  membership_.link_up(input.peer, now_);
  Neighbor& neighbor = neighbors_[input.peer];
  neighbor.peer = input.peer;
  neighbor.relayed = input.relayed;
  neighbor.up_at = now_;
  neighbor.heard_at = now_;
  if (membership_.is_source(input.peer)) neighbor.role = Role::kSource;
  uplink_.link_up(input.peer);
  send(input.peer, wire::Hello{.stream = options_.stream, .role = static_cast<std::uint8_t>(role()), .giving = giving(),
                                .fresh = !options_.source && header_message_.empty()});
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
  std::visit([&](auto& m) { on_message(*from, m); }, *message);
}

void Engine::Impl::on(const LinkBacklog& input) { uplink_.backlog(input.peer, input.bytes, now_); }

void Engine::Impl::on(const RenditionProduced& input) {
  CHECK(options_.source, "only a source produces");
  const Rendition& made = input.rendition;
  CHECK(made.init.size() <= wire::kInitBytesMax && made.codecs.size() <= wire::kCodecsBytesMax, "a header beyond its limits");
  const wire::RenditionHeader header{.rendition = made.id.value, .codecs = made.codecs, .width = made.width, .height = made.height,
                                     .bits_per_s = made.bits_per_s, .init = Bytes{made.init.view().begin(), made.init.view().end()}};
  rendition_ = made.id.value;
  rendition_bits_per_s_ = made.bits_per_s;
  const RequestId request{next_request_++};
  out_.push_back(Sign{request, wire::signed_header(wire::encode(header))});
  headers_to_sign_.emplace(request, header);
}

void Engine::Impl::on(const PartProduced& input) {
  CHECK(options_.source, "only a source produces");
  if (!sealer_.add(input.part, now_, next_request_, out_)) {
    decide("a part was dropped: the driver does not keep up with hashing");
    return;
  }
  produced_bytes_ += static_cast<std::int64_t>(input.part.bytes.size());
}

void Engine::Impl::on(const PieceHashed& input) {
  if (options_.source && sealer_.hashed(input.digest, input.request, next_request_, out_)) return;
  const auto at = pending_.find(input.request);
  if (at == pending_.end()) return;
  Pending pending = std::move(at->second);
  pending_.erase(at);
  const ManifestLog::Entry* entry = log_.find(pending.piece);
  if (!entry || store_.has(pending.piece)) return;   // it has left the window, or came twice at once
  if (entry->part.digests[pending.piece - entry->part.first] != input.digest) {
    ++failed_;
    if (Neighbor* from = find(pending.from)) ++from->failed_at_report;
    misbehaved(pending.from, "sent a piece that fails its hash");
    repair_.unavailable(pending.from, pending.piece, now_);
    plan_repair();
    return;
  }
  piece_verified(pending.piece, {.bytes = pending.bytes, .since = now_, .age = pending.age + (now_ - pending.asked_at)}, pending.from,
                 pending.requested);
}

void Engine::Impl::on(const Signed& input) {
  if (const auto at = headers_to_sign_.find(input.request); at != headers_to_sign_.end()) {
    const Bytes blob = wire::encode(at->second);
    header_verified(at->second, Payload{wire::encode(wire::Message{wire::Header{.blob = blob, .signature = input.signature}})});
    headers_to_sign_.erase(at);
    return;
  }
  if (sealer_.was_signed(input.signature, input.request)) publish_sealed();
}

void Engine::Impl::on(const SignatureChecked& input) {
  const auto at = pending_.find(input.request);
  if (at == pending_.end()) return;
  Pending pending = std::move(at->second);
  pending_.erase(at);
  if (!input.valid) {
    misbehaved(pending.from, "sent a signature that is not the source's");
    return;
  }
  if (pending.kind == Pending::Kind::kHeader) {
    header_verified(pending.header, pending.bytes);
  } else {
    manifest_verified(std::move(pending.parts), pending.bytes, pending.from);
  }
}

void Engine::Impl::on(const Playhead& input) { buffered_ = input.buffered; }

void Engine::Impl::on(const SharingChanged& input) {
  options_.giving = input.giving;
  upload_cap_bits_per_s_ = input.upload_bits_per_s_max;
  uplink_.budget().set_rate(upload_bits_per_s(), now_);
  if (!input.giving) {
    for (const auto& [peer, neighbor] : neighbors_) {
      for (std::size_t tree = 0; tree < kTrees; ++tree) evict({peer, tree}, PeerId{}, log_.end() + pieces_in(kGrace), false);
    }
  }
  for (const auto& [peer, neighbor] : neighbors_) send_status(peer);
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
  neighbor->trees_max_until = now_;   // what it could not carry it may carry now
  feeds_.hurry();
}

/// What one association with it carries: as measured, or as with others.
std::optional<std::int64_t> Engine::Impl::association_bits_per_s(const Neighbor& neighbor) const {
  if (const auto carries = uplink_.link_bits_per_s(neighbor.peer)) return *carries / neighbor.associations;
  std::vector<std::int64_t> known;
  for (const auto& [peer, other] : neighbors_) {
    if (const auto carries = uplink_.link_bits_per_s(peer)) known.push_back(*carries / other.associations);
  }
  if (known.size() < kLinksTypical) return std::nullopt;
  std::sort(known.begin(), known.end());
  return known[known.size() / 2];
}

/// Sees to it that a link carries so many stripes. True while it is about to.
bool Engine::Impl::widen(Neighbor& neighbor, std::int64_t stripes) {
  const auto one = association_bits_per_s(neighbor);
  if (!one) return false;
  const std::int64_t each = std::max<std::int64_t>(*one * kLinkLoadPercent / 100, 1);
  const std::int64_t needed = (stripes * unit_bits_per_s() + each - 1) / each;
  if (needed <= neighbor.associations) return false;
  const bool under_way = neighbor.associations < neighbor.widened_to;
  if (now_ < neighbor.widen_at) return under_way;
  if (under_way) {
    neighbor.widened_to = neighbor.associations;
    neighbor.widen_at = now_ + kWidenAgain;
    return false;
  }
  if (now_ - neighbor.widened_at < kWidenSettles) return true;
  if (neighbor.associations >= kAssociationsMax) return false;
  neighbor.widened_to = static_cast<std::uint32_t>(std::min<std::int64_t>(needed, kAssociationsMax));
  neighbor.widen_at = now_ + kWidenTime;
  out_.push_back(Widen{neighbor.peer, neighbor.widened_to});
  return true;
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

void Engine::Impl::evict(Children::Place place, PeerId hint, PieceNumber until, bool link_full) {
  // Children::ask has marked the one that goes for a newcomer already.
  const bool marked = hint != PeerId{};
  if (!marked && !children_.evict(place, until)) return;
  decide("feeds " + short_name(place.peer) + " stripe " + std::to_string(place.tree) + " not much longer: " +
         (link_full ? "the link is full" : marked ? short_name(hint) + " passes on more" : "the link is for others"));
  send(place.peer, wire::Evict{.rendition = rendition(), .stripe = tree_to_wire(place.tree), .hint = hint, .until = until, .link_full = link_full});
}

void Engine::Impl::dial_more() {
  if (leaving_) return;
  for (const PeerId peer : membership_.plan(feeds_.starving(), now_)) {
    if (signaling_) carrier_.forget(peer);
    out_.push_back(Dial{peer});
  }
  ask_neighbors();
  if (signaling_ && membership_.ask_directory(feeds_.starving(), now_)) out_.push_back(FindCandidates{membership_.known()});
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
  feeds_.peer_gone(peer);
  children_.peer_gone(peer);
  source_clock_.gone(peer);
  repair_.peer_gone(peer);
  membership_.link_down(peer, now_);
  carrier_.neighbor_gone(peer);
  std::erase_if(early_, [&](const Early& early) { return early.from == peer; });
}

Neighbor* Engine::Impl::find(PeerId peer) {
  const auto at = neighbors_.find(peer);
  return at == neighbors_.end() ? nullptr : &at->second;
}

Role Engine::Impl::role() const {
  if (options_.source) return Role::kSource;
  if (!giving()) return Role::kLeaf;
  // By what is given: who feeds more than two whole streams' worth is a super-seed, who feeds anybody a relay.
  const std::uint32_t used = children_.slots_used();
  if (used >= 2 * kStripes) return Role::kSuperSeed;
  return used > 0 ? Role::kRelay : Role::kLeaf;
}

std::vector<std::uint32_t> Engine::Impl::path_in(std::size_t tree) const {
  std::vector<std::uint32_t> path = feeds_.feed(tree).path;
  if (membership_.self()) path.push_back(path_name(*membership_.self()));
  return path;
}

std::int64_t Engine::Impl::unit_bits_per_s() const {
  return std::max<std::int64_t>(rendition_bits_per_s_, 100'000) / static_cast<std::int64_t>(kStripes);
}

std::int64_t Engine::Impl::upload_bits_per_s() const {
  std::int64_t line = options_.upload_bits_per_s;
  if (upload_cap_bits_per_s_ > 0) line = std::min(line, upload_cap_bits_per_s_);
  const std::int64_t returned = options_.source ? 0 : std::int64_t{rendition_bits_per_s_} * kReturnPercent / 100;
  const std::int64_t percent = options_.source ? kLinePercentSource : kLinePercent;
  return std::max(line * percent / 100 - returned, kUploadBitsPerSMin);
}

Children::Capacity Engine::Impl::capacity() const {
  const std::int64_t upload = uplink_.budget().bits_per_s() - (options_.source ? 0 : kTalkBitsPerS);
  const bool feeds = giving() && !leaving_ && upload >= kRelayBitsPerSMin;
  const auto paid_by = [&](std::int64_t percent) { return static_cast<std::uint32_t>(upload * percent / kOnLinePercent / unit_bits_per_s()); };
  const std::uint32_t slots = feeds ? paid_by(kPromisePercent) : 0;
  const PieceNumber grace_until = log_.end() + pieces_in(kGrace);
  if (!options_.source) return {.slots = slots, .grace_until = grace_until};
  const std::size_t links = membership_.links();
  return {.slots = slots,
          .reserve = feeds && links <= 8 ? paid_by(kPromisePercentLast) - slots : 0,   // among many somebody else is found
          .copies_max = links <= 8 ? 1u : links <= 14 ? 2u : 3u,
          .grace_until = grace_until};
}

/// Of what a peer could pass on a quarter is believed beforehand, up to a stream's worth; kbit/s.
std::int64_t Engine::Impl::believed(std::uint32_t slots, std::uint32_t gives_kbit_per_s) const {
  const std::int64_t could = std::min<std::int64_t>(slots, 4 * kStripes) * unit_bits_per_s() / 1000 / 4;
  return std::max<std::int64_t>(gives_kbit_per_s, could);
}

std::int64_t Engine::Impl::weight_of(PeerId peer) const {
  const auto at = neighbors_.find(peer);
  if (at == neighbors_.end() || !at->second.giving) return 0;
  const std::int64_t weight = believed(at->second.slots, at->second.gives_kbit_per_s);
  // What it passes on hangs on the link to it.
  const auto carries = uplink_.link_bits_per_s(peer);
  return carries && *carries < kGoodLinkStripes * unit_bits_per_s() ? weight / 8 : weight;
}

/// A bound for how many pieces are made in a time: full ones by the bit rate, and one more in each part.
PieceNumber Engine::Impl::pieces_in(Duration time) const {
  constexpr std::int64_t kPartsPerS = 5;
  const std::int64_t per_s = std::int64_t{rendition_bits_per_s_} / 8 / static_cast<std::int64_t>(wire::kPieceBytesMax) + kPartsPerS;
  return static_cast<PieceNumber>(per_s * (time / 1ms) / 1000 + 1);
}

bool Engine::Impl::of_use(const Neighbor& neighbor) const {
  if (feeds_.needs(neighbor.peer) || neighbor.role == Role::kSource) return true;
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    if (children_.is_child(neighbor.peer, tree)) return true;
  }
  return now_ - neighbor.up_at < kLinkTrial;
}

Neighbor* Engine::Impl::least_useful() {
  Neighbor* least = nullptr;
  const auto worse = [&](const Neighbor& a, const Neighbor& b) {
    return std::tuple{!a.leaving, a.giving, weight_of(a.peer)} < std::tuple{!b.leaving, b.giving, weight_of(b.peer)};
  };
  for (auto& [peer, neighbor] : neighbors_) {
    // Of the source's few links none is for those who only receive, once others want them: or all could end in leaves.
    const bool leaf = options_.source && neighbor.greeted && !neighbor.giving;
    if (of_use(neighbor) && !neighbor.leaving && !leaf) continue;
    if (!least || worse(neighbor, *least)) least = &neighbor;
  }
  if (least || !options_.source || now_ < source_room_at_) return least;
  // The source's few links go to those who pass on more than they get. The weakest of the others had its time: it is to find other
  // parents, and then to make room. Not the one through whom everybody has a stripe: whoever comes after it starts with nothing.
  for (auto& [peer, neighbor] : neighbors_) {
    if (now_ - neighbor.up_at < kSourceTrial || children_.carries_alone(peer) || weight_of(peer) * 1000 >= unit_bits_per_s() * static_cast<std::int64_t>(kStripes)) continue;
    if (!least || worse(neighbor, *least)) least = &neighbor;
  }
  if (!least) return nullptr;
  source_room_at_ = now_ + kSourceRoomEvery;
  for (std::size_t tree = 0; tree < kTrees; ++tree) evict({least->peer, tree}, PeerId{}, log_.end() + pieces_in(kGrace), false);
  return nullptr;
}

EngineStats Engine::Impl::stats() const {
  EngineStats stats{.role = role(),
                    .hop = feeds_.hop(),
                    .received_from_peers_bytes = from_peers_bytes_,
                    .received_from_source_bytes = from_source_bytes_,
                    .given_bytes = given_bytes_,
                    .duplicate_bytes = duplicate_bytes_,
                    .control_sent_bytes = control_bytes_,
                    .produced_bytes = produced_bytes_,
                    .upload_allowed_bits_per_s = uplink_.budget().bits_per_s(),
                    .pieces_verified = verified_,
                    .pieces_repaired = repaired_,
                    .pieces_failed = failed_,
                    .parts_played = played_,
                    .parts_skipped = skipped_,
                    .delay_ms = static_cast<std::uint32_t>(delay_ / 1ms)};
  if (const auto wall = source_clock_.wall(now_)) stats.live_edge = *wall;
  for (std::size_t tree = 0; tree < kStripes; ++tree) {
    const Feeds::Feed& feed = feeds_.feed(tree);
    stats.stripes.push_back({.parent = feed.parent,
                             .hop = static_cast<std::uint8_t>(feed.path.size()),
                             .delay_ms = static_cast<std::uint32_t>(feed.delay / 1ms),
                             .children = static_cast<std::uint16_t>(children_.of(tree).size())});
  }
  for (const auto& [peer, neighbor] : neighbors_) {
    std::uint8_t stripes_in = 0, hop = 0;
    for (std::size_t tree = 0; tree < kStripes; ++tree) {
      if (feeds_.feed(tree).parent == peer) ++stripes_in;
      if (neighbor.stripes[tree].delay_ms != wire::StripeState::kUnfed) hop = std::max(hop, neighbor.stripes[tree].hop);
    }
    stats.neighbors.push_back({.peer = peer,
                               .role = neighbor.role,
                               .hop = hop,
                               .stripes_in = stripes_in,
                               .stripes_out = static_cast<std::uint8_t>(children_.stripes_given(peer)),
                               .rtt_ms = static_cast<std::uint32_t>(neighbor.rtt / 1ms),
                               .relayed = neighbor.relayed,
                               .received_bytes = neighbor.received_bytes,
                               .given_bytes = neighbor.given_bytes,
                               .received_bytes_10s = neighbor.received_10s.sum(now_),
                               .given_bytes_10s = neighbor.given_10s.sum(now_)});
  }
  return stats;
}

void Engine::Impl::check_invariants() const {
  membership_.check_invariants();
  carrier_.check_invariants();
  feeds_.check_invariants();
  children_.check_invariants();
  uplink_.check_invariants();
  repair_.check_invariants();
  log_.check_invariants();
  store_.check_invariants();
  for (const auto& [peer, neighbor] : neighbors_) neighbor.reassembly.check_invariants();
  CHECK(pending_.size() <= kPendingMax && early_.size() <= kEarlyMax, "more waits than may");
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
  }
}

}  // namespace p2p::mesh
