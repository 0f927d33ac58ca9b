#include <algorithm>
#include <utility>

#include "base/hex.hpp"
#include "engine_impl.hpp"

// While the server is away neighbors name peers to each other and carry the signals by which links are made: one hop, from a neighbor
// to a neighbor.
namespace p2p::mesh {
namespace {

constexpr std::size_t kPeersNamed = 8;         ///< in an answer; another has others
constexpr Duration kPeersToldEvery = 1s;       ///< to one neighbor; it asks half as often
constexpr Duration kPeersAwaited = 5s;
constexpr Duration kAliveWithin = 1s;          ///< five have-deltas: who is named is there

}  // namespace

void Engine::Impl::on(const SignalReady& input) {
  std::optional<PeerId> by = carrier_.route(input.to, now_);
  if (!by && signaling_) {
    out_.push_back(SendSignal{input.to, input.signal});
    return;
  }
  if (!by) by = membership_.introducer(input.to);
  const Neighbor* relay = by ? find(*by) : nullptr;
  if (!relay || !relay->greeted || input.signal.empty()) return;   // nobody to carry it: the dial runs into its time
  if (input.signal.size() > wire::kCarriedBytesMax) {
    decide("a signal for " + to_text(input.to) + " is too long to be carried", Topic::kLink);
    return;
  }
  if (!signaling_) carrier_.use(input.to, *by, now_);   // else it lasts for as long as the other side needs it
  send(*by, wire::Carry{.to = input.to, .signal = input.signal});
}

void Engine::Impl::ask_neighbors() {
  std::size_t asks = membership_.ask_neighbors(starving(), now_);
  if (asks == 0) return;
  std::vector<PeerId> greeted;
  for (const auto& [peer, neighbor] : neighbors_) {
    if (neighbor.greeted && !neighbor.leaving) greeted.push_back(peer);
  }
  prng_.shuffle(greeted);
  for (const PeerId peer : greeted) {
    if (asks-- == 0) break;
    Neighbor& neighbor = neighbors_.at(peer);
    neighbor.peers_asked = true;
    neighbor.peers_asked_at = now_;
    send(peer, wire::PeersRequest{});
  }
}

void Engine::Impl::on_message(Neighbor& from, wire::PeersRequest&) {
  if (from.peers_told && now_ - from.peers_told_at < kPeersToldEvery) return;
  from.peers_told = true;
  from.peers_told_at = now_;
  wire::Peers answer;
  for (const auto& [peer, neighbor] : neighbors_) {
    const bool there = neighbor.greeted && !neighbor.leaving && now_ - neighbor.heard_at <= kAliveWithin;
    if (!there || peer == from.peer) continue;
    bool receiving = false;
    for (std::size_t tree = 0; tree < kStripes; ++tree) receiving |= neighbor.fed(neighbor.told, tree);
    const bool room = neighbor.in(neighbor.told).slots_free > 0;
    answer.peers.push_back({.peer = peer, .giving = neighbor.giving, .receiving = receiving, .room = room});
  }
  if (answer.peers.empty()) return;
  prng_.shuffle(answer.peers);
  answer.peers.resize(std::min(answer.peers.size(), kPeersNamed));
  send(from.peer, answer);
}

void Engine::Impl::on_message(Neighbor& from, wire::Peers& message) {
  // Only what was asked for: nobody fills our memory unasked.
  if (!std::exchange(from.peers_asked, false) || now_ - from.peers_asked_at > kPeersAwaited) return;
  for (const wire::Peers::Named& named : message.peers) {
    if (!named.giving) continue;
    membership_.heard_of({.peer = named.peer, .receiving = named.receiving, .room = named.room}, from.peer, now_);
  }
  dial_more();
}

void Engine::Impl::on_message(Neighbor& from, wire::Carry& message) {
  if (!carrier_.admit(from.peer, message.signal.size(), now_)) return;
  const Neighbor* to = find(message.to);
  if (!to || !to->greeted || to->leaving || to->peer == from.peer) {
    send(from.peer, wire::Uncarried{.to = message.to});
    return;
  }
  send(to->peer, wire::Carried{.from = from.peer, .signal = std::move(message.signal)});
}

void Engine::Impl::on_message(Neighbor& from, wire::Carried& message) {
  if (!carrier_.admit(from.peer, message.signal.size(), now_)) return;
  // A relay's word ends no link that is up, and brings nobody back who was banned.
  if (message.from == membership_.self() || neighbors_.contains(message.from) || membership_.banned(message.from)) return;
  carrier_.use(message.from, from.peer, now_);
  out_.push_back(TakeSignal{message.from, std::move(message.signal)});
}

void Engine::Impl::on_message(Neighbor& from, wire::Uncarried& message) {
  if (carrier_.route(message.to, now_) != from.peer) return;
  carrier_.forget(message.to);
  membership_.cannot_introduce(from.peer, message.to);
  if (membership_.dialing(message.to)) out_.push_back(HangUp{message.to, "no neighbor reaches it"});
}

}  // namespace p2p::mesh
