#include "wide_links.hpp"

#include <algorithm>
#include <utility>

namespace p2p::transport {
namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

}  // namespace

WideLinks::WideLinks(const Links::Options& options) {
  for (auto& links : links_) links = std::make_unique<Links>(options);
}

void WideLinks::use_ice_servers(const std::vector<IceServer>& servers) {
  for (const auto& links : links_) links->use_ice_servers(servers);
}

void WideLinks::hang_up(PeerId peer, std::string reason, Instant now) {
  for (std::size_t i = links_.size(); i-- > 1;) links_[i]->hang_up(peer, reason, now);
  first().hang_up(peer, std::move(reason), now);
}

void WideLinks::hang_up_all(const std::string& reason, Instant now) {
  for (const auto& links : links_) links->hang_up_all(reason, now);
}

void WideLinks::widen(PeerId peer, std::uint32_t associations, Instant now) {
  if (!is_up(peer)) return;
  const std::size_t end = std::min<std::size_t>(associations, links_.size());
  for (std::size_t i = 1; i < end; ++i) links_[i]->dial(peer, now);
}

void WideLinks::handle(PeerId from, const Signal& signal, Instant now) {
  const std::size_t association = std::visit([](const auto& one) { return one.association; }, signal);
  if (association < links_.size()) links_[association]->handle(from, signal, now);
}

void WideLinks::send(PeerId peer, mesh::Channel channel, BytesView header, BytesView body) {
  Links* best = &first();
  if (channel == mesh::Channel::kPieces && wide_.contains(peer)) {
    std::size_t least = best->backlog(peer);
    for (std::size_t i = 1; i < links_.size() && least > 0; ++i) {
      if (!links_[i]->is_up(peer)) continue;
      const std::size_t waiting = links_[i]->backlog(peer);
      if (waiting >= least) continue;
      least = waiting;
      best = links_[i].get();
    }
  }
  best->send(peer, channel, header, body);
}

std::size_t WideLinks::backlog(PeerId peer) const {
  if (!wide_.contains(peer)) return links_[0]->backlog(peer);
  std::size_t bytes = 0;
  for (const auto& links : links_) bytes += links->backlog(peer);
  return bytes;
}

std::optional<WideLinks::Event> WideLinks::poll(Instant now) {
  for (std::size_t silent = 0; silent < links_.size();) {
    const std::size_t i = turn_ % links_.size();
    auto event = links_[i]->poll(now);
    ++turn_;
    if (!event) {
      ++silent;
      continue;
    }
    silent = 0;
    if (auto told = i == 0 ? of_first(std::move(*event), now) : of_another(i, std::move(*event), now)) return told;
  }
  return std::nullopt;
}

Instant WideLinks::next_wake() const {
  Instant next = kNever;
  for (const auto& links : links_) next = std::min(next, links->next_wake());
  return next;
}

bool WideLinks::closing() const {
  return std::ranges::any_of(links_, [](const auto& links) { return links->closing(); });
}

std::optional<WideLinks::Event> WideLinks::of_first(Links::Event event, Instant now) {
  if (const auto* down = std::get_if<Links::Down>(&event)) {
    for (std::size_t i = 1; i < links_.size(); ++i) links_[i]->hang_up(down->peer, down->why, now);
    wide_.erase(down->peer);
  }
  return std::visit([](auto& what) { return Event{std::move(what)}; }, event);
}

std::optional<WideLinks::Event> WideLinks::of_another(std::size_t association, Links::Event event, Instant now) {
  Links& links = *links_[association];
  return std::visit(Overloaded{[&](Links::SignalOut& out) -> std::optional<Event> {
                                 std::visit([&](auto& signal) { signal.association = static_cast<std::uint8_t>(association); }, out.signal);
                                 return out;
                               },
                               [&](const Links::OfferIn& offer) -> std::optional<Event> {
                                 if (is_up(offer.from)) links.accept(offer.from, now);
                                 else links.refuse(offer.from, "there is no link to widen");
                                 return std::nullopt;
                               },
                               [&](const Links::Up& up) -> std::optional<Event> {
                                 // The link may have ended while this one came up.
                                 if (is_up(up.peer)) wide_.insert(up.peer);
                                 else links.hang_up(up.peer, "there is no link to widen", now);
                                 return count(up.peer);
                               },
                               [&](const Links::Down& down) { return count(down.peer); },
                               [&](Links::Message& message) -> std::optional<Event> {
                                 // What is said in order goes over the first.
                                 if (message.channel != mesh::Channel::kPieces || !is_up(message.from)) return std::nullopt;
                                 return std::move(message);
                               },
                               [&](const Links::Draining& draining) -> std::optional<Event> { return draining; }},
                    event);
}

std::optional<WideLinks::Event> WideLinks::count(PeerId peer) const {
  if (!wide_.contains(peer)) return std::nullopt;
  const auto up = std::ranges::count_if(links_, [&](const auto& links) { return links->is_up(peer); });
  return Widened{peer, static_cast<std::uint32_t>(up)};
}

}  // namespace p2p::transport
