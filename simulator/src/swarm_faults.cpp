#include <algorithm>

#include "arithmetic.hpp"
#include "swarm.hpp"

namespace p2p::simulator {

/// Who is hit is fixed by the fault's place in the list: never the source, which nobody can replace.
bool Simulation::Impl::struck(std::uint32_t fault, std::uint32_t number) const {
  return number != 0 && mixed(seed_ + 11, fault, number) % 100 < world_.faults[fault].percent;
}

void Simulation::Impl::fault_begins(std::uint32_t index) {
  const Fault fault = world_.faults[index];
  fault_active_[index] = true;
  if (fault.length > 0ms) schedule(now_ + fault.length, {.kind = Kind::kFaultEnds, .other = index});
  if (fault.kind == Fault::Kind::kServerAway) {
    server_.go_away();
    for (std::uint32_t number = 0; number < peers_.size(); ++number) {
      if (!alive(number) || !peers_[number].in_server) continue;
      peers_[number].in_server = false;
      story(number, LogKind::kEvent, "the server is away");
      tell(number, mesh::SignalingAway{});
      settle(number);
    }
    return;
  }
  // Those there now: who comes later is not hit but by what lasts.
  const auto people = static_cast<std::uint32_t>(peers_.size());
  for (std::uint32_t number = 1; number < people; ++number) {
    if (!alive(number) || !struck(index, number)) continue;
    Peer& peer = peers_[number];
    switch (fault.kind) {
      case Fault::Kind::kCrash: leave(number, true); break;
      case Fault::Kind::kLeave: leave(number, false); break;
      case Fault::Kind::kFreeze:
        story(number, LogKind::kEvent, "freezes");
        peer.frozen_until = std::max(peer.frozen_until, now_ + fault.length);
        break;
      case Fault::Kind::kSlowUpload:
        story(number, LogKind::kEvent, "its upload slows down");
        peer.access.up.set_rate(std::max<std::int64_t>(peer.person.upload_bits_per_s * fault.amount / 100, 8'000));
        break;
      case Fault::Kind::kLoss:
        for (Link& link : peer.links) link.set_loss(world_, loss_ppm(number, link.other));
        break;
      case Fault::Kind::kPartition:
        if (fault.length <= world_.link_death) break;
        for (const Link& link : peer.links) {
          if (struck(index, link.other)) continue;
          schedule(now_ + world_.link_death, {.kind = Kind::kLinkDeath, .peer = number, .other = link.other, .link = link.id});
          schedule(now_ + world_.link_death, {.kind = Kind::kLinkDeath, .peer = link.other, .other = number, .link = link.id});
        }
        break;
      case Fault::Kind::kServerAway:
      case Fault::Kind::kScramble:
        break;
    }
  }
}

void Simulation::Impl::fault_ends(std::uint32_t index) {
  if (!fault_active_[index]) return;   // ended before its time
  const Fault fault = world_.faults[index];
  fault_active_[index] = false;
  if (fault.kind == Fault::Kind::kServerAway) return server_comes_back();
  for (std::uint32_t number = 1; number < peers_.size(); ++number) {
    if (!alive(number) || !struck(index, number)) continue;
    Peer& peer = peers_[number];
    if (fault.kind == Fault::Kind::kSlowUpload) peer.access.up.set_rate(peer.person.upload_bits_per_s);
    if (fault.kind == Fault::Kind::kLoss) {
      for (Link& link : peer.links) link.set_loss(world_, loss_ppm(number, link.other));
    }
  }
}

void Simulation::Impl::server_comes_back() {
  server_.come_back(now_);
  for (std::uint32_t number = 0; number < peers_.size(); ++number) {
    if (!alive(number) || !peers_[number].joined_once || peers_[number].leaving) continue;
    const Duration wait = world_.reconnect_min + Duration{prng_.between(0, world_.reconnect_min.count())};
    schedule(now_ + wait, {.kind = Kind::kReconnect, .peer = number});
  }
}

bool Simulation::Impl::parted(std::uint32_t a, std::uint32_t b) const {
  for (std::uint32_t i = 0; i < world_.faults.size(); ++i) {
    if (fault_active_[i] && world_.faults[i].kind == Fault::Kind::kPartition && struck(i, a) != struck(i, b)) return true;
  }
  return false;
}

Instant Simulation::Impl::parted_until() const {
  Instant until = now_;
  for (std::uint32_t i = 0; i < world_.faults.size(); ++i) {
    if (fault_active_[i] && world_.faults[i].kind == Fault::Kind::kPartition) until = std::max(until, Instant{} + world_.faults[i].at + world_.faults[i].length);
  }
  return until;
}

bool Simulation::Impl::scrambled() {
  for (std::uint32_t i = 0; i < world_.faults.size(); ++i) {
    if (fault_active_[i] && world_.faults[i].kind == Fault::Kind::kScramble && prng_.chance(world_.faults[i].amount, 1'000)) return true;
  }
  return false;
}

}  // namespace p2p::simulator
