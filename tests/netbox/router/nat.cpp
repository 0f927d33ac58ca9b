#include "nat.hpp"

#include <algorithm>

namespace p2p::netbox {
namespace {

constexpr std::uint16_t kPortFirst = 1024;   // RFC 4787, REQ-3: a port from the range that the host's own came from
constexpr Duration kSweepEvery = 1s;

}  // namespace

bool Nat::translate_out(Ipv4Packet& packet, Instant now) {
  if (packet.is_icmp_error()) return error_out(packet, now);
  const auto source = packet.source();
  const auto destination = packet.destination();
  if (!source || !destination) return false;
  // An answer to a query that came in: none can have, so there is no mapping to send it through.
  if (packet.is(Protocol::kIcmp) && destination->port != 0) return false;
  const Inside inside = inside_of(packet.protocol(), *source, *destination);
  Mapping* mapping = find(inside, now);
  if (!mapping) mapping = create(inside, now);
  if (!mapping) return false;
  mapping->used = now;
  if (packet.tcp_opens()) mapping->closing = false;
  if (packet.tcp_closes()) mapping->closing = true;
  remember(*mapping, *destination, now);
  packet.set_source({address_, mapping->port});
  return true;
}

bool Nat::translate_in(Ipv4Packet& packet, Instant now) {
  if (packet.is_icmp_error()) return error_in(packet, now);
  const auto source = packet.source();
  const auto destination = packet.destination();
  if (!source || !destination) return false;
  Mapping* mapping = find(Outside{packet.protocol(), destination->port}, now);
  if (!mapping || !lets_in(*mapping, *source, now)) return false;
  // A connection stays while either end speaks; UDP only while the inside does.
  if (packet.is(Protocol::kTcp)) {
    mapping->used = now;
    remember(*mapping, *source, now);
    if (packet.tcp_closes()) mapping->closing = true;
  }
  packet.set_destination(mapping->inside.endpoint);
  return true;
}

// An error that a host of ours sends about a packet we let in: what it quotes gets its public destination back (RFC 5508, REQ-5).
bool Nat::error_out(Ipv4Packet& packet, Instant now) {
  auto quoted = packet.quoted();
  if (!quoted) return false;
  const auto remote = quoted->source();
  const auto inside = quoted->destination();
  if (!remote || !inside) return false;
  const Mapping* mapping = find(inside_of(quoted->protocol(), *inside, *remote), now);
  if (!mapping) return false;
  quoted->set_destination({address_, mapping->port});
  packet.set_source_address(address_);
  packet.seal_icmp();
  return true;
}

// An error about a packet of ours, from any router on its way (RFC 5508, REQ-4).
bool Nat::error_in(Ipv4Packet& packet, Instant now) {
  auto quoted = packet.quoted();
  if (!quoted) return false;
  const auto outside = quoted->source();
  if (!outside || outside->address != address_) return false;
  const Mapping* mapping = find(Outside{quoted->protocol(), outside->port}, now);
  if (!mapping) return false;
  quoted->set_source(mapping->inside.endpoint);
  packet.set_destination_address(mapping->inside.endpoint.address);
  packet.seal_icmp();
  return true;
}

Nat::Inside Nat::inside_of(std::uint8_t protocol, Endpoint endpoint, Endpoint remote) const {
  if (options_.mapping == Dependence::kEndpointIndependent) remote = {};
  if (options_.mapping == Dependence::kAddressDependent) remote.port = 0;
  return {protocol, endpoint, remote};
}

Nat::Mapping* Nat::find(const Inside& inside, Instant now) {
  const auto found = by_inside_.find(inside);
  return found == by_inside_.end() ? nullptr : find(found->second, now);
}

Nat::Mapping* Nat::find(Outside outside, Instant now) {
  const auto found = by_port_.find(outside);
  if (found == by_port_.end()) return nullptr;
  if (!expired(found->second, now)) return &found->second;
  by_inside_.erase(found->second.inside);
  by_port_.erase(found);
  return nullptr;
}

Nat::Mapping* Nat::create(const Inside& inside, Instant now) {
  if (by_port_.size() >= options_.mappings_max) forget_expired(now);
  if (by_port_.size() >= options_.mappings_max) return nullptr;
  const auto port = free_port(inside.protocol, inside.endpoint.port);
  if (!port) return nullptr;
  const Outside outside{inside.protocol, *port};
  by_inside_[inside] = outside;
  return &(by_port_[outside] = Mapping{.inside = inside, .port = *port, .used = now});
}

/// An endpoint-independent NAT keeps the host's own port where it can. The others draw: a peer must not be able to guess the next one.
std::optional<std::uint16_t> Nat::free_port(std::uint8_t protocol, std::uint16_t wished) {
  const auto free = [&](std::uint16_t port) { return port >= kPortFirst && !by_port_.contains({protocol, port}); };
  if (options_.mapping == Dependence::kEndpointIndependent && free(wished)) return wished;
  const auto first = static_cast<std::uint16_t>(prng_.between(kPortFirst, 65535));
  for (std::uint32_t step = 0; step <= 65535u - kPortFirst; ++step) {
    const auto port = static_cast<std::uint16_t>(kPortFirst + (first - kPortFirst + step) % (65536u - kPortFirst));
    if (free(port)) return port;
  }
  return std::nullopt;
}

Duration Nat::timeout_of(const Mapping& mapping) const {
  switch (static_cast<Protocol>(mapping.inside.protocol)) {
    case Protocol::kTcp: return mapping.closing ? options_.tcp_closing_timeout : options_.tcp_timeout;
    case Protocol::kIcmp: return options_.icmp_timeout;
    case Protocol::kUdp: break;
  }
  return options_.udp_timeout;
}

bool Nat::lets_in(const Mapping& mapping, Endpoint remote, Instant now) const {
  if (options_.filtering == Dependence::kEndpointIndependent) return true;
  const bool ports = options_.filtering == Dependence::kAddressAndPortDependent;
  return std::ranges::any_of(mapping.remotes, [&](const Remote& known) {
    return known.endpoint.address == remote.address && (!ports || known.endpoint.port == remote.port) && known.used + timeout_of(mapping) > now;
  });
}

void Nat::remember(Mapping& mapping, Endpoint remote, Instant now) const {
  for (Remote& known : mapping.remotes) {
    if (known.endpoint != remote) continue;
    known.used = now;
    return;
  }
  if (mapping.remotes.size() < kRemotesMax) {
    mapping.remotes.push_back({remote, now});
  } else {
    *std::ranges::min_element(mapping.remotes, {}, &Remote::used) = {remote, now};
  }
}

void Nat::forget_expired(Instant now) {
  if (swept_at_ > Instant{} && now < swept_at_ + kSweepEvery) return;   // a flood must not make us look through the table for each packet
  swept_at_ = now;
  for (auto it = by_port_.begin(); it != by_port_.end();) {
    if (!expired(it->second, now)) {
      ++it;
      continue;
    }
    by_inside_.erase(it->second.inside);
    it = by_port_.erase(it);
  }
}

}  // namespace p2p::netbox
