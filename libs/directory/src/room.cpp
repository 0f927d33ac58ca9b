#include "room.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "mesh_sample.hpp"

namespace p2p::directory {
namespace {

// What one peer says that it received is believed up to so many times what peers usually receive: it may be catching up. Nobody knows
// what that is before the first have said so.
constexpr std::int64_t kBelievedTimes = 2;
constexpr std::int64_t kUsualBytesPerSFirst = 3'000'000 / 8;
constexpr std::int64_t kUsualBytesPerSMin = 64'000 / 8;
constexpr std::int64_t kUsualBytesPerSMax = 100'000'000 / 8;
constexpr std::int64_t kUsualStep = 32;
constexpr std::int64_t kPieceBytes = 12 * 1024;  // protocol: the largest piece
constexpr Duration kProofHalfLife = 10min;
constexpr Duration kCountingSpan = 5s;       // reports come every 5 s
constexpr Duration kCountedAfter = 10s;      // whoever gives has receivers by then, and they have reported
constexpr Duration kSampleKept = 5s;         // likewise
constexpr TokenBucket::Options kSamples{.per_s = 100, .burst = 300};   // to a whole room: a sample may be 50 KB long
constexpr std::uint32_t kLinksFull = 14;     // of the 16 that a viewer takes
constexpr std::uint32_t kNamesPerLink = 3;   // of those who are given a name about a third dial it
constexpr std::uint32_t kLinksSought = 8;    // a viewer's own dials fill so many places, also before it has told of them
constexpr std::int64_t kRelayBitsPerSMin = 900'000;   // whose line is less feeds nobody: a link to it helps for want of others only

std::int64_t bits_per_s(std::int64_t bytes, Duration span) { return bytes * 8 * 1'000 / std::max<std::int64_t>(1, span / 1ms); }

/// From whom it received in that span.
void note_parents(Room::Viewer& viewer, const Report& report, Duration span) {
  std::int64_t received = 0;
  viewer.parents.clear();
  for (const NeighborReport& neighbor : report.neighbors) {
    received += neighbor.received_bytes;
    if (neighbor.received_bytes > 0) viewer.parents.push_back({neighbor.peer, bits_per_s(neighbor.received_bytes, span)});
  }
  viewer.received_bits_per_s = bits_per_s(received, span);
  std::ranges::sort(viewer.parents, [](const auto& a, const auto& b) { return a.bits_per_s != b.bits_per_s ? a.bits_per_s > b.bits_per_s : a.peer < b.peer; });
  if (viewer.parents.size() > kParentsShown) viewer.parents.resize(kParentsShown);
  viewer.parents.shrink_to_fit();   // there are tens of thousands
}

}  // namespace

Room::Room(const CreateRequest& request, ConnectionId by)
    : id{request.stream}, public_key{request.public_key}, details{std::make_shared<const StreamDetails>(request.details)}, started_at{request.wall_now}, place{request.place}, source_peer{request.peer},
      source{by}, usual_bytes_per_s_{kUsualBytesPerSFirst} {}

StreamInfo Room::info() const {
  StreamInfo info{.id = id, .details = details, .started_at = started_at, .viewers = static_cast<std::uint32_t>(order_.size()), .source_online = source_online,
                  .thumbnail_at = {}};
  if (thumbnail) info.thumbnail_at = thumbnail->taken_at;
  return info;
}

Room::Viewer* Room::find(PeerId peer) {
  const auto found = viewers_.find(peer);
  return found == viewers_.end() ? nullptr : &found->second;
}

const Room::Viewer* Room::find(PeerId peer) const {
  const auto found = viewers_.find(peer);
  return found == viewers_.end() ? nullptr : &found->second;
}

std::vector<ConnectionId> Room::viewer_connections() const {
  std::vector<ConnectionId> connections;
  connections.reserve(order_.size());
  for (const PeerId peer : order_) connections.push_back(viewers_.at(peer).connection);
  return connections;
}

void Room::add(const JoinRequest& request, ConnectionId connection, Instant now) {
  CHECK(request.peer != source_peer && !viewers_.contains(request.peer), "the peer is here already");
  Viewer viewer{.connection = connection, .joined_at = now, .reported_at = now, .counted_from = now, .in_order = order_.size(),
                .place = {.network = request.network, .region = request.region}, .giving = request.giving};
  viewer.score = scoring::peer_score(viewer.evidence);
  viewer.role = scoring::role_of(viewer.score, request.giving);
  order_.push_back(request.peer);
  ++by_role_[static_cast<std::size_t>(viewer.role)];
  ++networks_[request.network];
  offer(request.peer, viewers_.emplace(request.peer, viewer).first->second);
}

void Room::remove(PeerId peer) {
  const auto found = viewers_.find(peer);
  CHECK(found != viewers_.end(), "the peer is not here");
  const std::size_t hole = found->second.in_order;
  if (hole + 1 != order_.size()) {
    order_[hole] = order_.back();
    viewers_.at(order_[hole]).in_order = hole;
  }
  order_.pop_back();
  --by_role_[static_cast<std::size_t>(found->second.role)];
  pool_.erase(peer);
  if (found->second.rendition) having_[*found->second.rendition].erase(peer);
  const auto network = networks_.find(found->second.place.network);
  if (--network->second == 0) networks_.erase(network);
  viewers_.erase(found);
}

std::vector<Candidate> Room::candidates(PeerId asker, std::span<const PeerId> exclude, std::optional<std::uint8_t> rendition, std::size_t count,
                                        Prng& prng) {
  std::vector<PeerId> excluded{exclude.begin(), exclude.end()};
  excluded.push_back(asker);
  std::vector<PeerId> picked;
  const Viewer* there = find(asker);
  const CandidatePool::Place near = there == nullptr ? CandidatePool::Place{} : there->place;
  if (rendition && *rendition < kRenditionsMax) picked = having_[*rendition].pick((count + 1) / 2, excluded, near, prng);
  excluded.insert(excluded.end(), picked.begin(), picked.end());
  const std::vector<PeerId> others = pool_.pick(count - picked.size(), excluded, near, prng);
  picked.insert(picked.end(), others.begin(), others.end());
  std::vector<Candidate> candidates;
  for (const PeerId peer : picked) {
    Viewer& viewer = viewers_.at(peer);
    ++viewer.named;
    offer(peer, viewer);
    candidates.push_back({.peer = peer, .score = viewer.score.total, .role = viewer.role, .receiving = viewer.receiving, .network = viewer.place.network,
                          .rendition = viewer.rendition});
  }
  return candidates;
}

std::int64_t Room::believable(std::int64_t bytes, Duration span) {
  const std::int64_t ms = std::min<Duration>(span, 60s) / 1ms;
  // Each report moves it by a step up or down, so it comes to lie where as many receive more as less: whatever a few claim.
  if (bytes > 0 && span >= kCountingSpan) {
    const std::int64_t step = usual_bytes_per_s_ / kUsualStep;
    usual_bytes_per_s_ = std::clamp(usual_bytes_per_s_ + (bytes * 1'000 / ms > usual_bytes_per_s_ ? step : -step), kUsualBytesPerSMin, kUsualBytesPerSMax);
  }
  return kBelievedTimes * usual_bytes_per_s_ * ms / 1'000;
}

void Room::attest(PeerId reporter, std::span<const NeighborReport> neighbors, Instant now) {
  const Viewer& from = viewers_.at(reporter);
  std::int64_t claimed = 0;
  for (const NeighborReport& neighbor : neighbors) claimed += neighbor.received_bytes;
  std::int64_t believed = believable(claimed, now - from.reported_at);
  for (const NeighborReport& neighbor : neighbors) {
    Viewer* viewer = find(neighbor.peer);
    if (viewer == nullptr || neighbor.peer == reporter) continue;
    // Who has one address has a hundred: they do not vouch for each other, except where nearly all share it (a school, an office).
    if (viewer->place.network != 0 && viewer->place.network == from.place.network && 2 * networks_.at(from.place.network) <= order_.size()) continue;
    const std::int64_t bytes = std::min(neighbor.received_bytes, believed);
    believed -= bytes;
    end_span(*viewer, now);
    viewer->attested_bytes += bytes;
    scoring::PeerEvidence& evidence = viewer->evidence;
    if (bytes > 0) evidence.reachability = scoring::Reachability::kReachable;
    evidence.pieces_delivered += (bytes + kPieceBytes - 1) / kPieceBytes;
    evidence.pieces_failed += std::min<std::int64_t>(neighbor.failed_pieces, 1'000);
    constexpr std::int64_t kRemembered = 10'000;
    if (evidence.pieces_delivered + evidence.pieces_failed > kRemembered) {
      evidence.pieces_delivered /= 2;
      evidence.pieces_failed /= 2;
    }
    if (bytes > 0) evidence.latency_ms = evidence.latency_ms ? (*evidence.latency_ms * 7 + neighbor.rtt_ms) / 8 : neighbor.rtt_ms;
  }
}

void Room::end_span(Viewer& viewer, Instant now) {
  const Duration span = now - viewer.counted_from;
  if (span < kCountingSpan) return;
  scoring::PeerEvidence& evidence = viewer.evidence;
  const std::int64_t seen = bits_per_s(viewer.attested_bytes, span);
  // The best that was seen, forgotten slowly: a quiet minute does not unprove a link.
  const std::int64_t kept = std::min<Duration>(span, kProofHalfLife).count() * (evidence.upload_proven_bits_per_s / 2 / 1'000) / (kProofHalfLife.count() / 1'000);
  evidence.upload_proven_bits_per_s = std::max(seen, evidence.upload_proven_bits_per_s - kept);
  viewer.attested_before = std::exchange(viewer.attested_bytes, 0);
  viewer.counted_before = span;
  viewer.counted_from = now;
}

std::int64_t Room::given_bits_per_s(Viewer& viewer, Instant now) {
  end_span(viewer, now);
  return bits_per_s(viewer.attested_before + viewer.attested_bytes, viewer.counted_before + (now - viewer.counted_from));
}

std::vector<Standing::Receipt> Room::receipts(PeerId reporter, std::span<const NeighborReport> neighbors, Instant now) {
  std::vector<Standing::Receipt> receipts;
  const auto add = [&](PeerId peer) {
    Viewer* viewer = find(peer);
    if (viewer == nullptr || now - viewer->joined_at < kCountedAfter) return;
    receipts.push_back({peer, given_bits_per_s(*viewer, now)});
  };
  add(reporter);
  for (const NeighborReport& neighbor : neighbors) {
    if (neighbor.peer != reporter) add(neighbor.peer);
  }
  return receipts;
}

Standing Room::rescore(PeerId peer, const Report& report, Instant now) {
  Viewer& viewer = *find(peer);
  scoring::PeerEvidence& evidence = viewer.evidence;
  end_span(viewer, now);
  evidence.upload_claimed_bits_per_s = report.upload_bits_per_s;
  evidence.in_stream = now - viewer.joined_at;
  if (!evidence.latency_ms && report.latency_ms > 0) evidence.latency_ms = report.latency_ms;
  viewer.receiving = report.receiving;
  if (viewer.rendition != report.rendition) {
    if (viewer.rendition) having_[*viewer.rendition].erase(peer);
    viewer.rendition = report.rendition && *report.rendition < kRenditionsMax ? report.rendition : std::nullopt;
  }
  viewer.links = static_cast<std::uint32_t>(report.neighbors.size());
  viewer.named = 0;
  viewer.hop = report.hop;
  viewer.latency_ms = report.latency_ms;
  note_parents(viewer, report, std::clamp<Duration>(now - viewer.reported_at, 1s, 60s));
  viewer.reported_at = now;
  viewer.score = scoring::peer_score(evidence);
  --by_role_[static_cast<std::size_t>(viewer.role)];
  viewer.role = scoring::role_of(viewer.score, viewer.giving);
  ++by_role_[static_cast<std::size_t>(viewer.role)];
  offer(peer, viewer);
  return {.score = viewer.score.total, .role = viewer.role, .receipts = {}};
}

std::shared_ptr<const MeshSample> Room::sample(Instant now, Prng& prng) {
  if (!samples_.try_take(kSamples, now)) return nullptr;
  if (!sample_ || now - sampled_at_ >= kSampleKept) {
    if (!salt_) salt_ = prng.next();
    sample_ = std::make_shared<const MeshSample>(make_sample(now));
    sampled_at_ = now;
  }
  return sample_;
}

MeshSample Room::make_sample(Instant now) {
  std::vector<SampleCandidate> all;
  all.reserve(order_.size());
  for (const PeerId peer : order_) {
    const Viewer& viewer = viewers_.at(peer);
    all.push_back({.peer = peer, .role = viewer.role, .hop = viewer.hop});
  }
  MeshSample sample{.peers = {}, .total = static_cast<std::uint32_t>(order_.size() + 1)};
  sample.peers.push_back({.peer = source_peer, .role = scoring::Role::kSource, .score = 100, .given_bits_per_s = source_given_bits_per_s_, .parents = {}});
  for (const std::size_t at : even_sample(all, kSampleMax - 1, *salt_)) {
    Viewer& viewer = viewers_.at(all[at].peer);
    sample.peers.push_back({.peer = all[at].peer, .role = viewer.role, .score = viewer.score.total, .hop = viewer.hop, .latency_ms = viewer.latency_ms,
                            .received_bits_per_s = viewer.received_bits_per_s, .given_bits_per_s = given_bits_per_s(viewer, now), .parents = viewer.parents});
  }
  return sample;
}

void Room::check_invariants() const {
  CHECK(order_.size() == viewers_.size(), "the order holds others than the room");
  std::size_t giving = 0;
  std::array<std::size_t, scoring::kRoles> by_role{};
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const Viewer* viewer = find(order_[i]);
    CHECK(viewer != nullptr && viewer->in_order == i, "the order and a viewer disagree");
    CHECK(order_[i] != source_peer, "the source among the viewers");
    if (viewer->giving) ++giving;
    ++by_role[static_cast<std::size_t>(viewer->role)];
  }
  CHECK(by_role == by_role_, "roles counted that the viewers have not");
  std::size_t in_networks = 0;
  for (const auto& [network, count] : networks_) in_networks += count;
  CHECK(in_networks == order_.size(), "the networks hold others than the room");
  CHECK(pool_.size() == giving, "the pool holds others than those that give");
  CHECK(source_online == (grace_until == kNever), "a grace for a source that is there");
  pool_.check_invariants();
  for (const CandidatePool& pool : having_) pool.check_invariants();
}

void Room::offer(PeerId peer, const Viewer& viewer) {
  if (!viewer.giving) return;
  const std::int64_t upload = viewer.evidence.upload_claimed_bits_per_s;   // 0: not told yet
  const bool full = std::max(viewer.links, kLinksSought) + viewer.named / kNamesPerLink >= kLinksFull;
  const bool weak = upload > 0 && upload < kRelayBitsPerSMin;
  const CandidatePool::Entry entry{.score = viewer.score.total, .receiving = viewer.receiving, .full = full || weak, .place = viewer.place};
  pool_.put(peer, entry);
  if (viewer.rendition) having_[*viewer.rendition].put(peer, entry);
}

}  // namespace p2p::directory
