#include "admission.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace p2p::net {
namespace {

/// A rate's place among the buckets.
std::size_t index_of(Limit rate) {
  const auto index = static_cast<std::size_t>(rate) - static_cast<std::size_t>(Limit::kSocketRate);
  CHECK(rate >= Limit::kSocketRate, "a limit that is no rate");
  return index;
}

std::uint64_t host_key(const IpAddress& from) { return key_of(host_of(from)); }
std::uint64_t site_key(const IpAddress& from) { return key_of(site_of(from)); }

}  // namespace

std::string_view to_text(Limit limit) {
  switch (limit) {
    case Limit::kSockets:
      return "sockets";
    case Limit::kSilentSockets:
      return "silent-sockets";
    case Limit::kSessions:
      return "sessions";
    case Limit::kSocketRate:
      return "socket-rate";
    case Limit::kRequestRate:
      return "request-rate";
    case Limit::kCreateRate:
      return "create-rate";
    case Limit::kJoinRate:
      return "join-rate";
    case Limit::kSignalRate:
      return "signal-rate";
    case Limit::kEventRate:
      return "event-rate";
  }
  return "unknown";
}

std::optional<Limit> Admission::open_socket(const IpAddress& from, Instant now) {
  if (is_loopback(from)) return std::nullopt;
  if (!hosts_.take(host_key(from), Limit::kSocketRate, now) || !sites_.take(site_key(from), Limit::kSocketRate, now)) return Limit::kSocketRate;
  if (const auto why = hosts_.why_no_socket(host_key(from))) return why;
  if (const auto why = sites_.why_no_socket(site_key(from))) return why;
  for (Place* place : {&hosts_.at(host_key(from)), &sites_.at(site_key(from))}) {
    ++place->sockets;
    ++place->silent_sockets;
  }
  return std::nullopt;
}

void Admission::socket_spoke(const IpAddress& from) {
  if (is_loopback(from)) return;
  --hosts_.at(host_key(from)).silent_sockets;
  --sites_.at(site_key(from)).silent_sockets;
}

void Admission::close_socket(const IpAddress& from, bool spoke, Instant now) {
  if (is_loopback(from)) return;
  for (auto& [places, key] : {std::pair{&hosts_, host_key(from)}, std::pair{&sites_, site_key(from)}}) {
    Place& place = places->at(key);
    CHECK(place.sockets > 0 && (spoke || place.silent_sockets > 0), "a socket was closed twice");
    --place.sockets;
    if (!spoke) --place.silent_sockets;
    places->release(key, place, now);
  }
}

std::optional<Limit> Admission::open_session(const IpAddress& from, Instant /*now*/) {
  if (is_loopback(from)) return std::nullopt;
  if (const auto why = hosts_.why_no_session(host_key(from))) return why;
  if (const auto why = sites_.why_no_session(site_key(from))) return why;
  ++hosts_.at(host_key(from)).sessions;
  ++sites_.at(site_key(from)).sessions;
  return std::nullopt;
}

void Admission::close_session(const IpAddress& from, Instant now) {
  if (is_loopback(from)) return;
  for (auto& [places, key] : {std::pair{&hosts_, host_key(from)}, std::pair{&sites_, site_key(from)}}) {
    Place& place = places->at(key);
    CHECK(place.sessions > 0, "a session was closed twice");
    --place.sessions;
    places->release(key, place, now);
  }
}

bool Admission::take(const IpAddress& from, Limit rate, Instant now) {
  if (is_loopback(from)) return true;
  return hosts_.take(host_key(from), rate, now) && sites_.take(site_key(from), rate, now);
}

void Admission::check_invariants() const {
  hosts_.check_invariants();
  sites_.check_invariants();
}

bool Admission::Place::full(Instant now) const {
  return std::ranges::all_of(buckets, [now](const directory::TokenBucket& bucket) { return bucket.full(now); });
}

Admission::Places::Places(const PlaceLimits& limits, std::size_t idle_max)
    : rates_{limits.sockets, limits.requests, limits.creates, limits.joins, limits.signals, limits.events},
      sockets_max_{limits.sockets_max},
      silent_sockets_max_{limits.silent_sockets_max},
      sessions_max_{limits.sessions_max},
      idle_max_{idle_max} {}

std::optional<Limit> Admission::Places::why_no_socket(std::uint64_t key) const {
  const auto found = places_.find(key);
  if (found == places_.end()) return std::nullopt;
  if (found->second.sockets >= sockets_max_) return Limit::kSockets;
  if (found->second.silent_sockets >= silent_sockets_max_) return Limit::kSilentSockets;
  return std::nullopt;
}

std::optional<Limit> Admission::Places::why_no_session(std::uint64_t key) const {
  const auto found = places_.find(key);
  return found != places_.end() && found->second.sessions >= sessions_max_ ? std::optional{Limit::kSessions} : std::nullopt;
}

bool Admission::Places::take(std::uint64_t key, Limit rate, Instant now) {
  const auto [found, made] = places_.try_emplace(key);
  const bool taken = found->second.buckets[index_of(rate)].try_take(rates_[index_of(rate)], now);
  if (made) release(key, found->second, now);
  return taken;
}

Admission::Place& Admission::Places::at(std::uint64_t key) {
  Place& place = places_.try_emplace(key).first->second;
  if (place.idle) idle_.erase(*place.idle);
  place.idle.reset();
  return place;
}

void Admission::Places::release(std::uint64_t key, Place& place, Instant now) {
  if (place.open() || place.idle) return;
  if (place.full(now)) {
    places_.erase(key);
  } else {
    place.idle = idle_.insert(idle_.end(), key);
  }
  forget_oldest(now);
}

/// Those at the front have been idle for longest; one behind may be forgotten a little late.
void Admission::Places::forget_oldest(Instant now) {
  while (!idle_.empty()) {
    const auto oldest = places_.find(idle_.front());
    CHECK(oldest != places_.end() && oldest->second.idle, "an idle place that is not known");
    if (idle_.size() <= idle_max_ && !oldest->second.full(now)) return;
    places_.erase(oldest);
    idle_.pop_front();
  }
}

void Admission::Places::check_invariants() const {
  CHECK(idle_.size() <= idle_max_, "more idle places than are remembered");
  std::size_t idle = 0;
  for (const auto& [key, place] : places_) {
    CHECK(place.silent_sockets <= place.sockets, "more silent sockets than sockets");
    CHECK(place.sockets <= sockets_max_ && place.sessions <= sessions_max_, "a limit was passed");
    CHECK(place.open() != place.idle.has_value(), "a place that is neither open nor idle, or both");
    if (place.idle) ++idle;
  }
  CHECK(idle == idle_.size(), "idle places that are not in the list");
}

}  // namespace p2p::net
