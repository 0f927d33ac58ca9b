#include <algorithm>

#include "arithmetic.hpp"
#include "base/hex.hpp"
#include "swarm.hpp"

namespace p2p::simulator {
namespace {

constexpr std::size_t kOffersMax = 64;   ///< that an engine has not answered; more are lost
constexpr Duration kMixedSetUp = 10ms;   ///< on top of the mean of both kinds, when a browser meets a native peer

template <typename Dials>
auto find_dial(Dials& dials, std::uint32_t other) {
  return std::find_if(dials.begin(), dials.end(), [&](const auto& dial) { return dial.other == other; });
}

}  // namespace

void Simulation::Impl::run_errand(Errand errand) {
  std::visit([&](auto& what) { on(what); }, errand);
}

void Simulation::Impl::on(JoinAsked& errand) {
  if (!alive(errand.peer) || peers_[errand.peer].leaving) return;
  const Person& person = peers_[errand.peer].person;
  auto joined = server_.join({.peer = person.id, .source = errand.peer == 0, .giving = person.vice != Vice::kFreeload, .network = person.network}, now_);
  if (joined) {
    pick_candidates(errand.peer, joined->candidates);
    later(now_ + world_.server_time + to_server(errand.peer), Joined{errand.peer, std::move(*joined)});
  } else {
    // Away, or the source is not back yet: as often as a client tries again.
    const Duration wait = world_.reconnect_min + Duration{prng_.between(0, world_.reconnect_min.count())};
    later(now_ + wait, JoinAgain{errand.peer});
  }
}

void Simulation::Impl::on(Joined& errand) {
  if (!alive(errand.peer)) return;
  if (frozen(errand.peer)) return later(thawed(errand.peer), errand);
  Peer& peer = peers_[errand.peer];
  const bool first = !peer.joined_once;
  peer.joined_once = peer.in_server = true;
  tell(errand.peer, errand.answer);
  if (world_.edge && errand.peer != 0) tell(errand.peer, mesh::EdgeOffered{});
  if (first && peer.person.download_changes) {
    schedule(now_ + world_.download_changes_every, {.kind = Kind::kDownload, .peer = errand.peer});
  }
  if (first && errand.peer == 0) {
    for (std::uint8_t i = 0; i < world_.renditions; ++i) {
      tell(0, mesh::RenditionProduced{{.id = mesh::RenditionId{i}, .codecs = "avc1.64001f,opus", .width = static_cast<std::uint16_t>(1280 >> i),
                                       .height = static_cast<std::uint16_t>(720 >> i), .bits_per_s = static_cast<std::uint32_t>(bits_per_s_of(i)),
                                       .init = Payload{Bytes(600)}}});
    }
    schedule(now_ + world_.part, {.kind = Kind::kProduce});
  }
  settle(errand.peer);
}

void Simulation::Impl::on(JoinAgain& errand) {
  if (alive(errand.peer)) later(now_ + to_server(errand.peer), JoinAsked{errand.peer});
}

void Simulation::Impl::on(CandidatesAsked& errand) {
  auto found = server_.candidates(peers_[errand.peer].person.id, errand.wish, now_);
  if (!found) return;
  pick_candidates(errand.peer, *found);
  later(now_ + world_.server_time + to_server(errand.peer), CandidatesAnswered{errand.peer, std::move(*found)});
}

void Simulation::Impl::on(CandidatesAnswered& errand) {
  if (!alive(errand.peer)) return;
  if (frozen(errand.peer)) return later(thawed(errand.peer), errand);
  tell(errand.peer, mesh::CandidatesFound{std::move(errand.found)});
  settle(errand.peer);
}

void Simulation::Impl::on(Reported& errand) {
  if (auto receipts = server_.report(peers_[errand.peer].person.id, errand.report, now_)) {
    later(now_ + world_.server_time + to_server(errand.peer), ReportAnswered{errand.peer, std::move(*receipts)});
  }
}

void Simulation::Impl::on(ReportAnswered& errand) {
  if (!alive(errand.peer)) return;
  if (frozen(errand.peer)) return later(thawed(errand.peer), errand);
  tell(errand.peer, errand.receipts);
  settle(errand.peer);
}

void Simulation::Impl::on(LeftServer& errand) {
  if (!server_.away()) server_.leave(peers_[errand.peer].person.id, now_);
}

void Simulation::Impl::on(Offer& errand) {
  Peer& to = peers_[errand.to];
  const PeerId from_id = peers_[errand.from].person.id;
  if (errand.at_server) {
    if (server_.away()) return;
    if (!server_.signal(from_id, to.person.id, now_)) {
      std::erase_if(peers_[errand.from].dials, [&](const Dial& dial) { return dial.id == errand.dial; });
      return later(now_ + to_server(errand.from), Down{errand.from, to.person.id});
    }
    return later(now_ + world_.server_time + to_server(errand.to), Offer{errand.from, errand.to, errand.dial, false});
  }
  if (!to.engine || to.leaving || to.offers.size() >= kOffersMax) return;
  if (frozen(errand.to)) return later(thawed(errand.to), errand);
  const auto own = find_dial(to.dials, errand.from);
  // Both dialled at once: the smaller id's offer goes on.
  if (own != to.dials.end() && own->mine && to.person.id < from_id) return;
  if (own != to.dials.end() && !own->mine) to.dials.erase(own);
  if (const Link* old = link_to(errand.to, errand.from)) close_link(errand.to, errand.from, old->id);   // he started over
  std::erase_if(to.offers, [&](const Dial& offer) { return offer.other == errand.from; });
  to.offers.push_back({.other = errand.from, .id = errand.dial});
  tell(errand.to, mesh::OfferReceived{from_id, errand.carried ? 0 : peers_[errand.from].person.network});
  settle(errand.to);
}

void Simulation::Impl::on(Answer& errand) {
  Peer& to = peers_[errand.to];
  const Person& from = peers_[errand.from].person;
  if (errand.at_server) {
    if (server_.away() || !server_.signal(from.id, to.person.id, now_)) return;
    return later(now_ + world_.server_time + to_server(errand.to), Answer{errand.from, errand.to, errand.dial, false, errand.yes});
  }
  const auto dial = find_dial(to.dials, errand.from);
  if (!to.engine || dial == to.dials.end() || dial->id != errand.dial) return;
  if (!errand.yes) {
    to.dials.erase(dial);
    story(errand.to, LogKind::kLink, to_text(from.id).substr(0, 4) + " refused");
    return later(now_, Down{errand.to, from.id});
  }
  const bool relayed = needs_relay(from.nat, to.person.nat);
  const bool fails = prng_.chance(world_.dial_failure_percent, 100) || (relayed && world_.relay_bits_per_s == 0) || parted(errand.from, errand.to);
  if (fails) return;   // both give up after their time
  later(now_ + set_up_time(errand.from, errand.to, relayed), LinkReady{errand.to, errand.from, errand.dial, relayed});
}

void Simulation::Impl::on(LinkReady& errand) {
  for (const std::uint32_t end : {errand.a, errand.b}) {
    if (!alive(end)) return;
    if (frozen(end)) return later(thawed(end), errand);
    const bool waits = std::ranges::any_of(peers_[end].dials, [&](const Dial& dial) { return dial.id == errand.dial; });
    if (!waits) return;
  }
  for (const std::uint32_t end : {errand.a, errand.b}) std::erase_if(peers_[end].dials, [&](const Dial& dial) { return dial.id == errand.dial; });
  open_link(errand.a, errand.b, errand.dial, errand.relayed);
  open_link(errand.b, errand.a, errand.dial, errand.relayed);
  for (const auto& [end, other] : {std::pair{errand.a, errand.b}, std::pair{errand.b, errand.a}}) {
    const PeerId id = peers_[other].person.id;
    story(end, LogKind::kLink, "link to " + to_text(id).substr(0, 4) + (errand.relayed ? ", relayed" : "") + ", " +
                   std::to_string(2 * trip(end, other, errand.relayed) / 1ms) + " ms round trip, it carries " +
                   std::to_string(link_to(other, end)->out.rate_bits_per_s() / 1000) + " kbit/s here");
    tell(end, mesh::LinkUp{.peer = id, .relayed = errand.relayed});
    settle(end);
  }
}

void Simulation::Impl::on(LinkClosed& errand) {
  if (frozen(errand.peer)) return later(thawed(errand.peer), errand);
  close_link(errand.peer, errand.other, errand.link);
}

void Simulation::Impl::on(Down& errand) {
  if (!alive(errand.peer)) return;
  if (frozen(errand.peer)) return later(thawed(errand.peer), errand);
  tell(errand.peer, mesh::LinkDown{errand.other});
  settle(errand.peer);
}

void Simulation::Impl::on(LinkWider& errand) {
  for (const std::uint32_t end : {errand.a, errand.b}) {
    if (frozen(end)) return later(thawed(end), errand);
  }
  for (const auto& [end, other] : {std::pair{errand.a, errand.b}, std::pair{errand.b, errand.a}}) {
    Link* link = link_to(end, other);
    if (!alive(end) || !link || link->id != errand.link) continue;
    link->more.emplace_back(world_, link->out.path());
    story(end, LogKind::kLink, "wider link to " + to_text(link->other_id).substr(0, 4) + ": " + std::to_string(1 + link->more.size()) + " associations");
    tell(end, mesh::LinkWidened{link->other_id, static_cast<std::uint32_t>(1 + link->more.size())});
    settle(end);
  }
}

void Simulation::Impl::dial_timed_out(std::uint32_t number, std::uint32_t other, std::uint64_t dial) {
  Peer& peer = peers_[number];
  if (std::erase_if(peer.dials, [&](const Dial& mine) { return mine.id == dial; }) == 0 || !peer.engine) return;
  const PeerId id = peers_[other].person.id;
  story(number, LogKind::kLink, "no link to " + to_text(id).substr(0, 4));
  tell(number, mesh::LinkDown{id});
  settle(number);
}

void Simulation::Impl::open_link(std::uint32_t from, std::uint32_t to, std::uint64_t id, bool relayed) {
  Peer& peer = peers_[from];
  const Association out{world_, {.one_way = trip(from, to, relayed), .loss_ppm = loss_ppm(from, to), .from_chromium = peer.person.chromium,
                                 .to_chromium = peers_[to].person.chromium}};
  peer.links.add({.other = to, .id = id, .other_id = peers_[to].person.id, .relayed = relayed, .out = out});
  peer.had_link = true;
}

void Simulation::Impl::close_link(std::uint32_t number, std::uint32_t other, std::uint64_t id) {
  Peer& peer = peers_[number];
  const Link* link = peer.links.find(other);
  if (!link || link->id != id) return;
  peer.links.erase(other);
  if (!peer.engine) return;
  tell(number, mesh::LinkDown{peers_[other].person.id});
  settle(number);
}

std::uint32_t Simulation::Impl::loss_ppm(std::uint32_t from, std::uint32_t to) const {
  const std::uint64_t low = std::min(from, to), high = std::max(from, to);
  constexpr std::uint64_t kWhole = 1'000'000;
  const std::uint64_t drawn = mixed(seed_ + 7, low, high) % (kWhole + 1);
  std::uint64_t share = kWhole;
  for (std::uint32_t i = 0; i < world_.loss_skew; ++i) share = share * drawn / kWhole;
  std::uint64_t loss = world_.loss_ppm_min + (world_.loss_ppm_max - std::min(world_.loss_ppm_min, world_.loss_ppm_max)) * share / kWhole;
  if (!world_.people.empty()) {
    const std::uint64_t here = peers_[from].person.loss_ppm, there = peers_[to].person.loss_ppm;
    loss = here + there - here * there / kWhole;
  }
  for (std::uint32_t i = 0; i < world_.faults.size(); ++i) {
    const Fault& fault = world_.faults[i];
    if (fault.kind == Fault::Kind::kLoss && fault_active_[i] && struck(i, from)) loss = std::max<std::uint64_t>(loss, std::uint64_t{fault.amount} * 1'000);
  }
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(loss, 500'000));
}

Duration Simulation::Impl::trip(std::uint32_t a, std::uint32_t b, bool relayed) const {
  if (relayed) return to_server(a) + to_server(b);
  return latency_between(world_, peers_[a].person, peers_[b].person);
}

/// From the answer's arrival on; measured from the offer with signaling that takes no time (docs/links.md).
Duration Simulation::Impl::set_up_time(std::uint32_t a, std::uint32_t b, bool relayed) {
  const Duration rtt = 2 * trip(a, b, relayed);
  const bool ca = peers_[a].person.chromium, cb = peers_[b].person.chromium;
  Duration time = ca && cb ? world_.set_up_chromium + rtt * 7 / 2
                  : ca || cb ? (world_.set_up_chromium + world_.set_up_native) / 2 + kMixedSetUp + rtt * 9 / 2
                             : world_.set_up_native + rtt * 21 / 4;
  // Behind two routers neither reaches the other before it knows its outer address, which the answerer asks for as it answers.
  if (peers_[a].person.nat != Nat::kOpen && peers_[b].person.nat != Nat::kOpen) time += 2 * to_server(a);
  if (relayed) time += rtt;   // the allocation at the relay, and direct pairs are tried first
  Duration extra{};
  for (const std::uint32_t end : {a, b}) {
    if (!peers_[end].had_link) extra = std::max(extra, peers_[end].person.first_link_extra);
  }
  return time + extra;
}

}  // namespace p2p::simulator
