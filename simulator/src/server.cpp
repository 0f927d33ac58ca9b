#include "server.hpp"

namespace p2p::simulator {
namespace {

constexpr directory::StreamId kStream{};

std::vector<mesh::Candidate> as_candidates(const std::vector<directory::Candidate>& named) {
  std::vector<mesh::Candidate> candidates;
  for (const directory::Candidate& one : named) {
    candidates.push_back({.peer = one.peer, .score = one.score, .role = static_cast<mesh::Role>(one.role), .receiving = one.receiving,
                          .network = one.network, .rendition = {}});
    if (one.rendition) candidates.back().rendition = mesh::RenditionId{*one.rendition};
  }
  return candidates;
}

}  // namespace

Server::Server(const World& world, std::uint64_t seed) : seed_{seed} {
  options_.candidates_max = world.candidates_max;
  options_.connections_max = 200'000;
  options_.members_max = 200'000;
  come_back(Instant{});
}

void Server::come_back(Instant) {
  connections_.clear();
  directory_ = std::make_unique<directory::Directory>(options_, seed_ + next_connection_);
}

std::optional<directory::ConnectionId> Server::connection(PeerId peer) const {
  const auto found = connections_.find(peer);
  if (!directory_ || found == connections_.end()) return std::nullopt;
  return found->second;
}

void Server::pass_time(Instant now) {
  if (directory_->next_wake() <= now) directory_->handle_time(now);
  while (directory_->poll()) {}  // the stream's own changes; nobody watches the list here
}

std::optional<mesh::Joined> Server::join(const Arrival& arrival, Instant now) {
  if (!directory_) return std::nullopt;
  const PeerId peer = arrival.peer;
  pass_time(now);
  leave(peer, now);
  const directory::ConnectionId id{next_connection_++};
  if (!directory_->connect(id, now)) return std::nullopt;
  connections_[peer] = id;
  if (arrival.source) {
    if (!directory_->create(id, {.stream = kStream, .details = {.title = "simulated"}, .peer = peer, .wall_now = WallTime{now.time_since_epoch()}}, now)) return std::nullopt;
    return mesh::Joined{.self = peer};
  }
  const auto joined = directory_->join(id, {.stream = kStream, .peer = peer, .giving = arrival.giving, .network = arrival.network}, now);
  if (!joined) return std::nullopt;
  return mesh::Joined{.self = peer, .source = joined->source, .candidates = as_candidates(joined->candidates)};
}

void Server::leave(PeerId peer, Instant now) {
  const auto id = connection(peer);
  if (!id) return;
  directory_->disconnect(*id, now);
  connections_.erase(peer);
}

std::optional<std::vector<mesh::Candidate>> Server::candidates(PeerId asker, const mesh::FindCandidates& wish, Instant now) {
  const auto id = connection(asker);
  if (!id) return std::nullopt;
  pass_time(now);
  if (!directory_->admit(*id, directory::Directory::RequestKind::kOther, now)) return std::nullopt;
  const auto found = directory_->candidates(*id, wish.exclude, wish.rendition ? std::optional{wish.rendition->value} : std::nullopt);
  if (!found) return std::nullopt;
  return as_candidates(*found);
}

std::optional<mesh::Receipts> Server::report(PeerId peer, const mesh::SendReport& report, Instant now) {
  const auto id = connection(peer);
  if (!id) return std::nullopt;
  pass_time(now);
  directory::Report told{.upload_bits_per_s = report.upload_bits_per_s, .latency_ms = report.latency_ms, .receiving = report.receiving};
  if (report.rendition) told.rendition = report.rendition->value;
  for (const mesh::SendReport::Neighbor& neighbor : report.neighbors) {
    told.neighbors.push_back({.peer = neighbor.peer, .received_bytes = neighbor.received_bytes, .failed_pieces = neighbor.failed_pieces,
                              .rtt_ms = neighbor.rtt_ms});
  }
  if (!directory_->admit(*id, directory::Directory::RequestKind::kOther, now)) return std::nullopt;
  const auto standing = directory_->report(*id, told, now);
  if (!standing) return std::nullopt;
  mesh::Receipts receipts;
  for (const auto& [given_by, bits_per_s] : standing->receipts) receipts.given.push_back({given_by, bits_per_s});
  receipts.score = standing->score;
  return receipts;
}

bool Server::signal(PeerId from, PeerId to, Instant now) {
  const auto id = connection(from);
  if (!id) return false;
  pass_time(now);
  return directory_->admit(*id, directory::Directory::RequestKind::kSignal, now) && directory_->route_signal(*id, to).has_value();
}

}  // namespace p2p::simulator
