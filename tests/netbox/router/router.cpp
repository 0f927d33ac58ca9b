#include "router.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/check.hpp"

namespace p2p::netbox {
namespace {

bool is_private(Address address) { return address.value >> 24 == 10; }

}  // namespace

Router::Router(const Network& network) : hosts_{addresses_of(network)} {
  CHECK(network.sites.size() <= kSitesMax, "the scenario's reader bounds the sites");
  Prng prng{network.seed};
  for (std::size_t i = 0; i < network.sites.size(); ++i) {
    const Site& site = network.sites[i];
    SiteState state{.up = Link{site.up, prng.fork(3 * i)}, .down = Link{site.down, prng.fork(3 * i + 1)}, .udp_blocked = site.udp_blocked,
                    .x_ms = site.x_ms, .y_ms = site.y_ms};
    if (site.nat) {
      state.nat.emplace(nat_address_of(i), *site.nat, prng.fork(3 * i + 2));
      site_by_nat_[nat_address_of(i)] = i;
    }
    sites_.push_back(std::move(state));
  }
  for (std::size_t i = 0; i < hosts_.size(); ++i) host_by_address_[hosts_[i].address] = i;
}

void Router::handle_packet(std::size_t host, Bytes packet, Instant now) {
  const std::size_t site = hosts_.at(host).site;
  SiteState& state = sites_[site];
  const auto view = Ipv4Packet::parse(packet);
  // A host that takes another's address would get past its NAT.
  if (!view || view->source_address() != hosts_[host].address) {
    ++state.counters.unroutable;
    return;
  }
  packet.resize(view->size());
  if (const auto neighbor = host_at(view->destination_address()); neighbor && hosts_[*neighbor].site == site) {
    put({.at = now, .entered = now, .stage = Stage::kLan, .host = static_cast<std::uint32_t>(*neighbor), .packet = std::move(packet)});
    return;
  }
  if (state.udp_blocked && view->is(Protocol::kUdp)) {
    ++state.counters.udp_blocked;
    return;
  }
  leave_site(site, std::move(packet), *view, now);
}

void Router::leave_site(std::size_t site, Bytes packet, Ipv4Packet view, Instant now) {
  SiteState& state = sites_[site];
  if (state.nat) {
    if (view.destination_address() == nat_address_of(site)) return hairpin(site, std::move(packet), view, now);
    if (!state.nat->translate_out(view, now)) {
      ++state.counters.nat_refused_out;
      return;
    }
  }
  const auto to = site_of(view.destination_address());
  if (!to) ++state.counters.unroutable;
  enter_link(true, {.stage = Stage::kUp, .from = static_cast<std::uint16_t>(site), .to = static_cast<std::uint16_t>(to.value_or(site)),
                    .unroutable = !to, .packet = std::move(packet)}, now);
}

/// RFC 4787, REQ-9: the packet comes back in from the sender's public endpoint.
void Router::hairpin(std::size_t site, Bytes packet, Ipv4Packet view, Instant now) {
  Nat& nat = *sites_[site].nat;
  if (!nat.hairpins() || !nat.translate_out(view, now) || !nat.translate_in(view, now)) {
    ++sites_[site].counters.nat_refused_out;
    return;
  }
  const auto host = host_at(view.destination_address());
  if (!host) return;
  put({.at = now, .entered = now, .stage = Stage::kLan, .host = static_cast<std::uint32_t>(*host), .packet = std::move(packet)});
}

std::optional<Router::Delivery> Router::poll(Instant now) {
  while (!under_way_.empty() && under_way_.front().at <= now) {
    UnderWay next = take();
    const Instant at = next.at;   // not `now`: a late wake must not make later stages late too
    switch (next.stage) {
      case Stage::kUp: {
        SiteState& from = sites_[next.from];
        if (from.up.died_between(next.entered, at)) {
          ++from.counters.up.dead;
          break;
        }
        cross_core(std::move(next), at);
        break;
      }
      case Stage::kCore: enter_link(false, std::move(next), at); break;
      case Stage::kDown:
        if (sites_[next.to].down.died_between(next.entered, at)) {
          ++sites_[next.to].counters.down.dead;
          break;
        }
        enter_site(std::move(next), at);
        break;
      case Stage::kLan: return Delivery{next.host, std::move(next.packet), at};
    }
  }
  while (!wakes_.empty() && wakes_.front() <= now) {
    std::ranges::pop_heap(wakes_, std::greater{});
    wakes_.pop_back();
  }
  return std::nullopt;
}

std::optional<std::size_t> Router::site_of(Address destination) const {
  if (const auto nat = site_by_nat_.find(destination); nat != site_by_nat_.end()) return nat->second;
  // Private addresses mean nothing out there (RFC 1918).
  if (const auto host = host_at(destination); host && !is_private(destination)) return hosts_[*host].site;
  return std::nullopt;
}

void Router::cross_core(UnderWay packet, Instant now) {
  packet.stage = Stage::kCore;
  packet.at = now + distance(packet.from, packet.to);
  if (packet.unroutable) {
    const auto view = Ipv4Packet::parse(packet.packet);
    CHECK(view.has_value(), "what entered the router was parsed");
    // The provider drops private addresses in silence, and nobody answers an error with an error.
    if (is_private(view->destination_address()) || view->is_icmp_error()) return;
    packet.packet = icmp_unreachable(kCoreAddress, *view);
  }
  put(std::move(packet));
}

void Router::enter_link(bool up, UnderWay packet, Instant now) {
  SiteState& site = sites_[up ? packet.from : packet.to];
  SiteCounters::Direction& counters = up ? site.counters.up : site.counters.down;
  Link& link = up ? site.up : site.down;
  ++counters.packets;
  counters.bytes += packet.packet.size();
  const Link::Passage passage = link.enter(packet.packet.size(), now);
  switch (passage.fate) {
    case Link::Fate::kLost: ++counters.lost; return;
    case Link::Fate::kQueueFull: ++counters.queue_full; return;
    case Link::Fate::kDead: ++counters.dead; return;
    case Link::Fate::kCarried: break;
  }
  if (under_way_.size() + 2 > kPacketsMax) {
    ++counters.queue_full;
    return;
  }
  packet.stage = up ? Stage::kUp : Stage::kDown;
  packet.entered = now;
  if (passage.copy_leaves) {
    UnderWay copy = packet;
    copy.at = *passage.copy_leaves;
    put(std::move(copy));
  }
  packet.at = passage.leaves;
  put(std::move(packet));
}

void Router::enter_site(UnderWay packet, Instant now) {
  SiteState& site = sites_[packet.to];
  auto view = Ipv4Packet::parse(packet.packet);
  CHECK(view.has_value(), "what entered the router was parsed");
  if (site.udp_blocked && view->is(Protocol::kUdp)) {
    ++site.counters.udp_blocked;
    return;
  }
  if (site.nat && !site.nat->translate_in(*view, now)) {
    ++site.counters.nat_refused_in;
    return;
  }
  const auto host = host_at(view->destination_address());
  if (!host) return;
  packet.stage = Stage::kLan;
  packet.host = static_cast<std::uint32_t>(*host);
  packet.at = now;
  put(std::move(packet));
}

void Router::apply(const Change& change, Instant now) {
  SiteState& site = sites_.at(change.site);
  // A line that gets shorter delivers earlier than was planned.
  wakes_.clear();
  for (const UnderWay& packet : under_way_) plan_wake(packet.at);
  if (change.up) site.up.set_options(*change.up);
  if (change.down) site.down.set_options(*change.down);
  if (!change.alive) return;
  site.up.set_alive(*change.alive, now);
  site.down.set_alive(*change.alive, now);
}

void Router::put(UnderWay packet) {
  if (under_way_.size() >= kPacketsMax) return;   // a storm inside a site; lines say so in their counters
  packet.order = order_++;
  plan_wake(earliest_delivery(packet));
  under_way_.push_back(std::move(packet));
  std::ranges::push_heap(under_way_, Later{});
}

Instant Router::earliest_delivery(const UnderWay& packet) const {
  const Duration down = sites_[packet.to].down.delay();
  switch (packet.stage) {
    case Stage::kUp: return packet.at + distance(packet.from, packet.to) + down;
    case Stage::kCore: return packet.at + down;
    case Stage::kDown:
    case Stage::kLan: break;
  }
  return packet.at;
}

void Router::plan_wake(Instant at) {
  wakes_.push_back(at);
  std::ranges::push_heap(wakes_, std::greater{});
}

Router::UnderWay Router::take() {
  std::ranges::pop_heap(under_way_, Later{});
  UnderWay packet = std::move(under_way_.back());
  under_way_.pop_back();
  return packet;
}

std::optional<std::size_t> Router::host_at(Address address) const {
  const auto found = host_by_address_.find(address);
  return found == host_by_address_.end() ? std::nullopt : std::optional{found->second};
}

Duration Router::distance(std::size_t from, std::size_t to) const {
  const double ms = std::hypot(sites_[from].x_ms - sites_[to].x_ms, sites_[from].y_ms - sites_[to].y_ms);
  return Duration{std::llround(ms * 1000)};
}

}  // namespace p2p::netbox
