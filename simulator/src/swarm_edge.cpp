#include "swarm.hpp"

#include <algorithm>

// The edge: the server, or a cache near it, from which viewers fetch pieces over HTTP. It has each piece `edge_behind` after the source made
// it, by a way of its own, and answers a question that comes too early when it has it.
namespace p2p::simulator {
namespace {

constexpr std::size_t kKeptPieces = 2'048;   // of the newest, about a minute
constexpr std::int64_t kHttpHeaderBytes = 400;

}  // namespace

void Simulation::Impl::edge_takes(Payload piece) {
  edge_pieces_.push_back({std::move(piece), now_ + world_.edge_behind});
  if (edge_pieces_.size() <= kKeptPieces) return;
  edge_pieces_.pop_front();
  ++edge_first_;
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::FetchPiece& wish) {
  later(now_ + to_server(number), EdgeAsked{number, wish.rendition, wish.piece});
}

void Simulation::Impl::on(EdgeAsked& errand) {
  EdgeAnswered answer{errand.peer, errand.rendition, errand.piece, {}};
  Instant at = now_;
  if (errand.piece >= edge_first_ && errand.piece - edge_first_ < edge_pieces_.size()) {
    const auto& [piece, there_at] = edge_pieces_[errand.piece - edge_first_];
    answer.bytes = piece;
    at = std::max(at, there_at);
  }
  const Person& person = peers_[errand.peer].person;
  const std::int64_t bytes = static_cast<std::int64_t>(answer.bytes.size()) + kHttpHeaderBytes;
  later(at + world_.server_time + to_server(errand.peer) + Duration{bytes * 8'000'000 / person.download_bits_per_s}, std::move(answer));
}

void Simulation::Impl::on(EdgeAnswered& errand) {
  if (!alive(errand.peer)) return;
  if (frozen(errand.peer)) return later(thawed(errand.peer), std::move(errand));
  recorder_.from_edge(static_cast<std::int64_t>(errand.bytes.size()), now_);
  tell(errand.peer, mesh::PieceFetched{errand.rendition, errand.piece, std::move(errand.bytes)});
  settle(errand.peer);
}

}  // namespace p2p::simulator
