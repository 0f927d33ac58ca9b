#include <algorithm>

#include "arithmetic.hpp"
#include "swarm.hpp"

namespace p2p::simulator {
namespace {

constexpr Duration kBoasterLate = 1s;
constexpr std::uint32_t kFloodCopies = 16;   ///< to each neighbor, four times a second

}  // namespace

/// What stands between a hostile engine and the network, for messages of the pieces channel. False: the message is not sent.
bool Simulation::Impl::tamper(std::uint32_t number, Link& link, Message& message) {
  Peer& peer = peers_[number];
  if (reformed()) return true;
  switch (peer.person.vice) {
    case Vice::kCorrupt: {
      Bytes bytes{message.body.view().begin(), message.body.view().end()};
      bytes.front() ^= std::byte{1};
      message.body = Payload{std::move(bytes)};
      return true;
    }
    case Vice::kWithhold:
    case Vice::kSurround:
      return false;
    case Vice::kBoast: {
      if (prng_.chance(1, 2)) return false;
      link.backlog += message.size;
      const std::uint32_t place = messages_.put(std::move(message));
      schedule(now_ + kBoasterLate, {.kind = Kind::kEnterLine, .flag = true, .peer = number, .other = place});
      return false;
    }
    case Vice::kFlood:
      peer.last_piece = message;
      return true;
    case Vice::kNone:
    case Vice::kFreeload:
    case Vice::kShout:
      break;
  }
  return true;
}

void Simulation::Impl::flood(std::uint32_t number) {
  Peer& peer = peers_[number];
  if (peer.last_piece.size == 0 || reformed()) return;
  for (Link& link : peer.links) {
    for (std::uint32_t i = 0; i < kFloodCopies; ++i) {
      Message copy = peer.last_piece;
      copy.to = link.other;
      copy.link = link.id;
      send(number, link, std::move(copy));
    }
  }
}

/// Surrounders look only at their victims.
void Simulation::Impl::pick_candidates(std::uint32_t number, std::vector<mesh::Candidate>& found) const {
  if (peers_[number].person.vice != Vice::kSurround) return;
  found.clear();
  for (const std::uint32_t victim : victims_) {
    if (alive(victim)) found.push_back({.peer = peers_[victim].person.id, .score = 100, .role = mesh::Role::kSuperSeed, .receiving = true});
  }
}

}  // namespace p2p::simulator
