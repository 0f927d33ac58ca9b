#include "room.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace p2p::directory {
namespace {

// What one peer may be believed to have received a second: more than that is a lie or a local network, and says nothing.
constexpr std::int64_t kAttestedBytesPerS = 100'000'000 / 8;
constexpr std::int64_t kPieceBytes = 12 * 1024;  // protocol: the largest piece
constexpr Duration kProofHalfLife = 10min;
constexpr Duration kCountingSpan = 4s;  // reports come every 5 s
constexpr std::uint32_t kLinksFull = 14;     // of the 16 that a viewer takes
constexpr std::uint32_t kNamesPerLink = 3;   // of those who are given a name about a third dial it

std::int64_t seconds_times(Duration span, std::int64_t per_s) { return std::min<Duration>(span, 60s).count() * per_s / 1'000'000; }

}  // namespace

StreamInfo Room::info() const {
  return {.id = id, .title = title, .started_at = started_at, .viewers = static_cast<std::uint32_t>(order_.size()), .source_online = source_online};
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

void Room::add(PeerId peer, ConnectionId connection, bool giving, Instant now) {
  CHECK(peer != source_peer && !viewers_.contains(peer), "the peer is here already");
  Viewer viewer{.connection = connection, .joined_at = now, .reported_at = now, .counted_from = now, .in_order = order_.size(), .giving = giving};
  viewer.score = scoring::peer_score(viewer.evidence);
  viewer.role = scoring::role_of(viewer.score, giving);
  order_.push_back(peer);
  place(peer, viewers_.emplace(peer, viewer).first->second);
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
  pool_.erase(peer);
  viewers_.erase(found);
}

std::vector<Candidate> Room::candidates(PeerId asker, std::span<const PeerId> exclude, std::size_t count, Prng& prng) {
  std::vector<PeerId> excluded{exclude.begin(), exclude.end()};
  excluded.push_back(asker);
  std::vector<Candidate> candidates;
  for (const PeerId peer : pool_.pick(count, excluded, prng)) {
    Viewer& viewer = viewers_.at(peer);
    ++viewer.named;
    place(peer, viewer);
    candidates.push_back({.peer = peer, .score = viewer.score.total, .role = viewer.role, .receiving = viewer.receiving});
  }
  return candidates;
}

void Room::attest(PeerId reporter, std::span<const NeighborReport> neighbors, Duration since_last_report) {
  std::int64_t believable = seconds_times(since_last_report, kAttestedBytesPerS);
  for (const NeighborReport& neighbor : neighbors) {
    Viewer* viewer = find(neighbor.peer);
    if (viewer == nullptr || neighbor.peer == reporter) continue;
    const std::int64_t bytes = std::min(neighbor.received_bytes, believable);
    believable -= bytes;
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

Standing Room::rescore(PeerId peer, const Report& report, Instant now) {
  Viewer& viewer = *find(peer);
  scoring::PeerEvidence& evidence = viewer.evidence;
  const Duration span = now - viewer.counted_from;
  if (span >= kCountingSpan) {
    const std::int64_t seen = viewer.attested_bytes * 8 * 1'000 / std::max<std::int64_t>(1, span.count() / 1'000);
    // The best that was seen, forgotten slowly: a quiet minute does not unprove a link.
    const std::int64_t kept = std::min<Duration>(span, kProofHalfLife).count() * (evidence.upload_proven_bits_per_s / 2 / 1'000) / (kProofHalfLife.count() / 1'000);
    evidence.upload_proven_bits_per_s = std::max(seen, evidence.upload_proven_bits_per_s - kept);
    viewer.attested_bytes = 0;
    viewer.counted_from = now;
  }
  evidence.upload_claimed_bits_per_s = report.upload_bits_per_s;
  evidence.in_stream = now - viewer.joined_at;
  if (!evidence.latency_ms && report.latency_ms > 0) evidence.latency_ms = report.latency_ms;
  viewer.receiving = report.receiving;
  viewer.links = static_cast<std::uint32_t>(report.neighbors.size());
  viewer.named = 0;
  viewer.reported_at = now;
  viewer.score = scoring::peer_score(evidence);
  viewer.role = scoring::role_of(viewer.score, viewer.giving);
  place(peer, viewer);
  return {.score = viewer.score.total, .role = viewer.role};
}

void Room::check_invariants() const {
  CHECK(order_.size() == viewers_.size(), "the order holds others than the room");
  std::size_t giving = 0;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const Viewer* viewer = find(order_[i]);
    CHECK(viewer != nullptr && viewer->in_order == i, "the order and a viewer disagree");
    CHECK(order_[i] != source_peer, "the source among the viewers");
    if (viewer->giving) ++giving;
  }
  CHECK(pool_.size() == giving, "the pool holds others than those that give");
  CHECK(source_online == (grace_until == kNever), "a grace for a source that is there");
  pool_.check_invariants();
}

void Room::place(PeerId peer, const Viewer& viewer) {
  if (viewer.giving) pool_.put(peer, {.score = viewer.score.total, .receiving = viewer.receiving, .full = viewer.links + viewer.named / kNamesPerLink >= kLinksFull});
}

}  // namespace p2p::directory
