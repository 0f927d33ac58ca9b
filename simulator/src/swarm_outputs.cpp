#include <algorithm>
#include <cstring>

#include "arithmetic.hpp"
#include "base/check.hpp"
#include "base/hex.hpp"
#include "model_signature.hpp"
#include "signal.hpp"
#include "swarm.hpp"

namespace p2p::simulator {
namespace {

LogKind kind_of(mesh::Topic topic) {
  switch (topic) {
    case mesh::Topic::kFeed: return LogKind::kFeed;
    case mesh::Topic::kLink: return LogKind::kLink;
    case mesh::Topic::kPlay: return LogKind::kPlay;
    case mesh::Topic::kQuality: return LogKind::kQuality;
    case mesh::Topic::kOther: break;
  }
  return LogKind::kOther;
}

std::string shown(PeerId peer) { return to_text(peer).substr(0, 4); }

}  // namespace

void Simulation::Impl::tell(std::uint32_t number, const mesh::Input& input) {
  Peer& peer = peers_[number];
  if (peer.engine) peer.engine->handle(peer.clock.shown(now_), input);
}

/// Carries out what the engine asks until it asks no more, then sets its timer.
void Simulation::Impl::settle(std::uint32_t number) {
  // Nothing that is carried out adds peers, so the reference stays good.
  Peer& peer = peers_[number];
  if (!peer.engine) return;
  do {
    while (auto output = peer.engine->poll()) {
      std::visit([&](auto& wish) { carry_out(number, wish); }, *output);
    }
    tell_backlogs(number);
    auto output = peer.engine->poll();
    if (!output) break;
    std::visit([&](auto& wish) { carry_out(number, wish); }, *output);
  } while (true);
  if (options_.check_every > 0 && ++peer.steps % options_.check_every == 0) peer.engine->check_invariants();
  peer.due = std::max(peer.clock.when_shown(peer.engine->next_wake()), now_ + 1us);
  if (peer.due < peer.wake_at) {
    peer.wake_at = peer.due;
    schedule(peer.due, {.kind = Kind::kWake, .peer = number});
  }
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::Dial& wish) {
  const auto other = numbers_.find(wish.peer);
  if (other == numbers_.end()) return later(now_ + 1s, Down{number, wish.peer});
  story(number, LogKind::kLink, "dials " + shown(wish.peer));
  const std::uint64_t dial = next_link_++;
  peers_[number].dials.push_back({.other = other->second, .id = dial, .mine = true});
  schedule(now_ + world_.dial_timeout, {.kind = Kind::kDialTimeout, .peer = number, .other = other->second, .link = dial});
  tell(number, signal_to(wish.peer, {Signal::Kind::kOffer, dial}));
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::Accept& wish) {
  const std::uint32_t other = numbers_.at(wish.peer);
  Peer& peer = peers_[number];
  const auto offer = std::ranges::find(peer.offers, other, &Dial::other);
  if (offer == peer.offers.end()) return later(now_, Down{number, wish.peer});
  const std::uint64_t dial = offer->id;
  peer.offers.erase(offer);
  // Ours to the same peer is dropped: its offer goes on.
  std::erase_if(peer.dials, [&](const Dial& mine) { return mine.other == other; });
  peer.dials.push_back({.other = other, .id = dial});
  schedule(now_ + world_.dial_timeout, {.kind = Kind::kDialTimeout, .peer = number, .other = other, .link = dial});
  tell(number, signal_to(wish.peer, {Signal::Kind::kAnswer, dial}));
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::Refuse& wish) {
  const std::uint32_t other = numbers_.at(wish.peer);
  Peer& peer = peers_[number];
  const auto offer = std::ranges::find(peer.offers, other, &Dial::other);
  if (offer == peer.offers.end()) return;
  const std::uint64_t dial = offer->id;
  peer.offers.erase(offer);
  tell(number, signal_to(wish.peer, {Signal::Kind::kBye, dial}));
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::SendSignal& wish) {
  const auto other = numbers_.find(wish.to);
  if (other != numbers_.end()) pass_on(number, other->second, wish.signal, now_ + to_server(number), true);
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::TakeSignal& wish) {
  const auto other = numbers_.find(wish.from);
  if (other == numbers_.end()) return;
  story(number, LogKind::kLink, "a neighbor carried a signal of " + shown(wish.from) + " here");
  pass_on(other->second, number, wish.signal, now_, false);
}

void Simulation::Impl::pass_on(std::uint32_t from, std::uint32_t to, BytesView bytes, Instant at, bool to_server) {
  const auto signal = signal_in(bytes);
  if (!signal) return;
  if (signal->kind == Signal::Kind::kOffer) later(at, Offer{from, to, signal->dial, to_server, !to_server});
  else later(at, Answer{from, to, signal->dial, to_server, signal->kind == Signal::Kind::kAnswer});
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::HangUp& wish) {
  const auto other = numbers_.find(wish.peer);
  if (other == numbers_.end()) return;
  story(number, LogKind::kLink, "hangs up on " + shown(wish.peer) + ": " + wish.reason);
  std::erase_if(peers_[number].dials, [&](const Dial& mine) { return mine.other == other->second; });
  if (const Link* link = link_to(number, other->second)) {
    // What was sent goes out first.
    later(std::max(now_ + trip(number, other->second, link->relayed), link->control_arrives), LinkClosed{other->second, number, link->id});
    peers_[number].links.erase(other->second);
  }
  later(now_, Down{number, wish.peer});
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::Send& wish) {
  Link* link = peers_[number].links.find(wish.peer);
  if (!link) return;
  Message message{.from = number, .to = link->other, .link = link->id, .size = static_cast<std::uint32_t>(wish.header.size() + wish.body.size()),
                  .channel = wish.channel, .body = std::move(wish.body)};
  if (!wish.header.empty()) message.header = Payload{std::move(wish.header)};
  if (!world_.vices.empty() && wish.channel == mesh::Channel::kPieces) {
    if (hostile(number)) {
      if (!tamper(number, *link, message)) return;
    } else if (options_.policy == Policy::kMesh && !recorder_.piece(content_of(message.body.view()))) {
      ++figures_.bad_pieces_relayed;
    }
  }
  send(number, *link, std::move(message));
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::HashPiece& question) {
  const std::uint64_t content = content_of(question.bytes.view());
  if (number == 0) {
    recorder_.cut(content, static_cast<std::int64_t>(question.bytes.size()));
    if (world_.edge) edge_takes(question.bytes);
  } else if (const auto piece = recorder_.piece(content)) {
    auto& depths = peers_[number].depth;
    std::uint8_t& depth = depths[piece->number % depths.size()];
    if (delivering_from_) depth = static_cast<std::uint8_t>(std::min(peers_[*delivering_from_].depth[piece->number % depths.size()] + 1, 255));
    recorder_.verified(number, *piece, depth, now_);
  }
  mesh::PieceDigest digest{};
  std::memcpy(digest.data(), &content, sizeof content);
  tell(number, mesh::PieceHashed{question.request, digest});
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::Sign& question) {
  tell(number, mesh::Signed{question.request, model_signature(question.message)});
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::CheckSignature& question) {
  tell(number, mesh::SignatureChecked{question.request, question.signature == model_signature(question.message)});
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::PlayRendition&) { story(number, LogKind::kPlay, "knows the rendition"); }

void Simulation::Impl::carry_out(std::uint32_t number, mesh::PlayPart& part) {
  Peer& peer = peers_[number];
  const std::int64_t parts = world_.segment / world_.part;
  const std::int64_t index = std::int64_t{part.part.id.segment} * parts + part.part.id.part;
  if (peer.first_part < 0) {
    peer.first_part = index;
    story(number, LogKind::kPlay, "shows its first frame, of part " + std::to_string(index));
  }
  if (part.discontinuous) story(number, LogKind::kPlay, "gave up what lies before part " + std::to_string(index));
  const mesh::RenditionId rendition = part.part.id.rendition;
  if (world_.renditions > 1) {
    const bool changed = peer.playing_part >= 0 && rendition != peer.rendition;
    recorder_.quality(number, bits_per_s_of(rendition.value), oracle_bits_per_s(number), changed, now_);
  }
  peer.rendition = rendition;
  peer.playing_part = index;
  if (live_ && live_->followed == number) tell_part(number, part.part.id);
  watch_player(number);
  peer.player.add(world_.part * index, world_.part * (index + 1), now_);
  watch_player(number);
  recorder_.played(number, now_);
  // Of the baseline only this is seen: it hashes nothing. Where there are several renditions it counts which one is played.
  if (options_.policy == Policy::kBaseline || world_.renditions > 1) recorder_.complete(number, static_cast<std::uint32_t>(index), now_);
  if (produced_bytes_.empty() || rendition.value != 0) return;
  const Payload& made = produced_bytes_[static_cast<std::size_t>(index) % produced_bytes_.size()];
  const bool kept = produced_ - index < static_cast<std::int64_t>(produced_bytes_.size());
  if (kept && !std::ranges::equal(made.view(), part.part.bytes.joined().view())) ++figures_.bad_pieces_played;
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::SetPlayback& wish) {
  watch_player(number);
  Player& player = peers_[number].player;
  if (wish.jump_to) player.jump_to(*wish.jump_to, now_);
  player.set_rate(wish.rate_permille, now_);
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::FindCandidates& wish) {
  later(now_ + to_server(number), CandidatesAsked{number, std::move(wish)});
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::SendReport& report) {
  later(now_ + to_server(number), Reported{number, std::move(report)});
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::Misbehaved& told) {
  story(number, LogKind::kDrop, shown(told.peer) + " misbehaved: " + told.what);
  const auto culprit = numbers_.find(told.peer);
  if (culprit == numbers_.end() || hostile(number)) return;
  if (++misbehaved_[std::uint64_t{number} << 32 | culprit->second] > 1 && hostile(culprit->second)) ++figures_.polluters_met_twice;
  if (!hostile(culprit->second)) ++figures_.honest_accused;
  else if (live_) ++live_->accused;
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::Decision& told) { story(number, kind_of(told.topic), told.text); }

/// Offer and answer go through the server as for a first association; between two who have a link it does not fail.
void Simulation::Impl::carry_out(std::uint32_t number, mesh::Widen& wish) {
  Link* link = peers_[number].links.find(wish.peer);
  if (!link || !peers_[number].in_server || server_.away()) return;
  const Link* back = link_to(link->other, number);
  if (!back) return;
  const std::uint32_t wanted = std::min(wish.associations, mesh::kAssociationsMax);
  for (std::uint32_t there = std::max(link->wanted, back->wanted); there < wanted; ++there) {
    const Duration through_server = to_server(number) + to_server(link->other) + world_.server_time;
    later(now_ + 2 * through_server + set_up_time(number, link->other, link->relayed), LinkWider{number, link->other, link->id});
  }
  link->wanted = std::max(link->wanted, wanted);
}

}  // namespace p2p::simulator
