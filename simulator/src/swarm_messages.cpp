#include <algorithm>

#include "swarm.hpp"

namespace p2p::simulator {
namespace {

/// What SCTP takes to try again once packets pass.
constexpr Duration kAfterPartition = 300ms;
constexpr std::int64_t kScrambleLateMs = 500;

}  // namespace

void Simulation::Impl::send(std::uint32_t from, Link& link, Message message) {
  const bool control = message.channel == mesh::Channel::kControl;
  const std::int64_t size = message.size;
  if (control) recorder_.control(size, now_);
  else peers_[from].links.touch(link);
  const Instant leaves = (control ? link.out : link.freest()).admit(size, control, peers_[from].access.up.wait(now_), now_, prng_);
  const std::uint32_t place = messages_.put(std::move(message));
  if (leaves <= now_) return enter_line(place, false);
  link.backlog += size;
  schedule(leaves, {.kind = Kind::kEnterLine, .flag = true, .peer = from, .other = place});
}

/// The message leaves its association (it was `queued` there) and waits for its turn on the sender's line.
void Simulation::Impl::enter_line(std::uint32_t place, bool queued) {
  Message& message = messages_.at(place);
  const std::uint32_t from = message.from;
  Link* link = link_to(from, message.to);
  if (!alive(from) || !link || link->id != message.link) return void(messages_.take(place));
  if (parted(from, message.to)) {
    return schedule(parted_until() + kAfterPartition, {.kind = Kind::kEnterLine, .flag = queued, .peer = from, .other = place});
  }
  const bool control = message.channel == mesh::Channel::kControl;
  Line& up = peers_[from].access.up;
  const std::int64_t rest = bytes_on_line(message.size) - message.passed;
  const std::int64_t taken = world_.line_queue > 0ms ? up.room(rest, world_.line_queue, now_) : rest;
  Instant at = up.pass(taken, now_);
  if (taken < rest) {
    const std::int64_t flight = link->out.in_flight(now_);
    const Duration again = link->out.dropped_at_home(world_, up.wait(now_), now_);
    // Control messages keep their order, so theirs is only late.
    if (!control) {
      message.passed += static_cast<std::uint32_t>(taken);
      link->out.sent(taken, up.wait(now_), now_);
      schedule(now_ + again, {.kind = Kind::kResend, .peer = from, .other = static_cast<std::uint32_t>(flight)});
      return schedule(now_ + again, {.kind = Kind::kEnterLine, .flag = queued, .peer = from, .other = place});
    }
    at += again;
  }
  link->out.sent(taken, up.wait(now_), now_);
  at += link->out.delays(world_, message.size, prng_);
  at += link->relayed ? latency_to_middle(world_, peers_[from].person) : link->out.path().one_way;
  if (world_.jitter > 0ms) at += Duration{prng_.between(0, world_.jitter.count())};
  if (control) link->control_arrives = at = std::max(at, link->control_arrives);
  if (!control && scrambled()) {
    if (prng_.chance(1, 2)) {
      Message again = message;
      const std::uint32_t to = again.to;
      schedule(at + 1ms, {.kind = Kind::kArrive, .peer = to, .other = messages_.put(std::move(again))});
    } else {
      at += std::chrono::milliseconds{prng_.between(0, kScrambleLateMs)};
    }
  }
  const Kind next = link->relayed ? Kind::kRelay : Kind::kArrive;
  schedule(at, {.kind = next, .peer = messages_.at(place).to, .other = place});
  if (!queued) return;
  link->backlog -= messages_.at(place).size;
  tell(from, mesh::LinkBacklog{link->other_id, static_cast<std::uint32_t>(link->backlog)});
  settle(from);
}

void Simulation::Impl::relay(std::uint32_t place) {
  const Message& message = messages_.at(place);
  const Instant at = turn_.pass(bytes_on_line(message.size), now_) + latency_to_middle(world_, peers_[message.to].person);
  schedule(at, {.kind = Kind::kArrive, .peer = message.to, .other = place});
}

void Simulation::Impl::arrive(std::uint32_t place) {
  const Message& message = messages_.at(place);
  Peer& peer = peers_[message.to];
  if (!peer.engine) return void(messages_.take(place));
  // Less than a message's own time on an idle line is not worth an event.
  const bool idle = peer.access.down.wait(now_) == 0us;
  const Instant passed = peer.access.down.pass(bytes_on_line(message.size), now_);
  peer.access.up.pass(packets_of(message.size) * kAckBytesPerPacket, now_);
  if (idle) return deliver(place);
  schedule(passed, {.kind = Kind::kDeliver, .peer = message.to, .other = place});
}

void Simulation::Impl::deliver(std::uint32_t place) {
  Message message = messages_.take(place);
  Link* link = link_to(message.to, message.from);
  if (!alive(message.to) || !link || link->id != message.link) return;
  if (message.channel == mesh::Channel::kPieces) {
    const auto bytes = static_cast<std::int64_t>(message.body.size());
    link->received += bytes;
    recorder_.payload(message.to, message.from == 0, hostile(message.to), bytes, now_);
  }
  delivering_from_ = message.from;
  tell(message.to, mesh::MessageReceived{link->other_id, message.channel, std::move(message.header), std::move(message.body)});
  settle(message.to);
  delivering_from_.reset();
}

void Simulation::Impl::tell_backlogs(std::uint32_t number) {
  peers_[number].links.tell_touched(
      [&](const Link& link) { tell(number, mesh::LinkBacklog{link.other_id, static_cast<std::uint32_t>(link.backlog)}); });
}

}  // namespace p2p::simulator
