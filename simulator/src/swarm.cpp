#include "swarm.hpp"

#include <algorithm>
#include <cstring>

#include "arithmetic.hpp"
#include "base/check.hpp"
#include "base/hex.hpp"
#include "base/prefetch.hpp"
#include "delay_bound.hpp"
#include "percentiles.hpp"

namespace p2p::simulator {
namespace {

constexpr mesh::StreamId kStream{};
constexpr Duration kPlayerEvery = 250ms;
constexpr std::int64_t kFeedsEveryS = 5;     ///< a story names who fed its peer this often
constexpr Duration kGoodbye = 500ms;         ///< from a leaver's goodbye until its links close
constexpr Duration kFirstJoins = 500ms;      ///< the stream has just begun
constexpr std::size_t kPieceInOneMessage = 64 * 1024;
constexpr std::int64_t kAnyUpload = 1'000'000'000;

/// The baseline knows one rendition.
World as_played(World world, Policy policy) {
  if (policy == Policy::kBaseline) world.renditions = 1;
  return world;
}

}  // namespace

Simulation::Impl::Impl(World world, std::uint64_t seed, Options options)
    : world_{as_played(std::move(world), options.policy)},
      seed_{seed},
      options_{options},
      prng_{mixed(seed, 2, 0)},
      content_{mixed(seed, 3, 0)},
      chat_prng_{mixed(seed, 6, 0)},
      recorder_{world_},
      server_{world_, mixed(seed, 4, 0)},
      turn_{std::max<std::int64_t>(world_.relay_bits_per_s, 1)},
      fault_active_(world_.faults.size(), false) {
  add_person(draw_source(world_, seed_));
  schedule(Instant{}, {.kind = Kind::kJoin, .peer = 0});
  plan_arrivals();
  for (std::uint32_t i = 0; i < world_.faults.size(); ++i) schedule(Instant{} + world_.faults[i].at, {.kind = Kind::kFaultBegins, .other = i});
  schedule(Instant{} + world_.measured_from, {.kind = Kind::kMeasure});
  schedule(Instant{} + 1s, {.kind = Kind::kSecond});
  if (world_.chat_per_min > 0) schedule(Instant{} + world_.measured_from, {.kind = Kind::kChat});
}

void Simulation::Impl::plan_arrivals() {
  if (!world_.people.empty()) {
    for (std::size_t i = 1; i < world_.people.size(); ++i) schedule(Instant{} + world_.people[i].joins, {.kind = Kind::kArrival});
    return;
  }
  const std::uint32_t before = std::min(world_.viewers_before, world_.viewers);
  for (std::uint32_t i = 0; i < before; ++i) schedule(Instant{} + kFirstJoins + 50ms * i, {.kind = Kind::kArrival});
  const std::uint32_t later_ones = world_.viewers - before;
  for (std::uint32_t i = 0; i < later_ones; ++i) {
    schedule(Instant{} + world_.arrivals_from + world_.arrivals * i / later_ones, {.kind = Kind::kArrival});
  }
  if (world_.stay_mean > 0ms && world_.viewers > 0) {
    schedule(Instant{} + world_.arrivals_from + world_.arrivals, {.kind = Kind::kArrival, .flag = true});
  }
}

std::uint32_t Simulation::Impl::add_person(Person person) {
  const auto number = static_cast<std::uint32_t>(peers_.size());
  Peer& peer = peers_.emplace_back();
  peer.clock = SkewedClock{person.clock_offset, person.clock_drift_ppm};
  peer.access = {Line{person.upload_bits_per_s}, Line{person.download_bits_per_s}};
  peer.person = person;
  CHECK(numbers_.emplace(person.id, number).second, "two peers with one id");
  return number;
}

void Simulation::Impl::run_until(Instant end) {
  while (events_.next() <= end) {
    now_ = events_.next();
    ++happened_;
    prefetch_ahead();
    happen(events_.pop());
  }
  now_ = end;
}

std::uint64_t Simulation::Impl::digest() const {
  RunningDigest digest;
  for (const Peer& peer : peers_) digest.mix(peer.engine ? peer.engine->digest() : peer.digest);
  return digest.value();
}

Outcome Simulation::Impl::run() {
  const Instant end = Instant{} + world_.length;
  run_until(end);
  Outcome outcome;
  figures_.events = happened_;
  figures_.digest = digest();
  outcome.figures = figures_;
  recorder_.finish(end, outcome);
  Figures& figures = outcome.figures;
  const EngineCounts all = counts();
  figures.duplicate_fraction = all.duplicate_fraction(before_);
  figures.repair_fraction = all.repair_fraction(before_);
  finish_chat(figures);
  figures.playing_at_end = recorder_.playing_at(end, 8s);
  double uploads = 0;
  std::uint32_t viewers = 0;
  for (std::size_t i = 1; i < peers_.size(); ++i) {
    if (!peers_[i].engine) continue;
    uploads += static_cast<double>(peers_[i].person.upload_bits_per_s);
    ++viewers;
  }
  figures.edge_over_deficit = edge_over_deficit();
  figures.source_copies_bound = std::max(1.0, static_cast<double>(viewers) - uploads / static_cast<double>(world_.bits_per_s));
  std::vector<Person> there;
  for (const Peer& peer : peers_) {
    if (peer.engine) there.push_back(peer.person);
  }
  figures.delay_bound_ms = static_cast<double>(delay_bound(world_, there) / 1us) / 1000;
  figures.delay_over_bound = ratio(figures.delay_ms_p50, figures.delay_bound_ms);
  constexpr std::uint32_t kSample = 60;
  for (std::uint32_t i = 1; i < peers_.size() && i <= kSample; ++i) {
    for (const Link& link : peers_[i].links) {
      if (link.received > 0) outcome.plots.feedings.push_back({link.other, i, static_cast<float>(link.received * 8) / 1e6F});
    }
  }
  outcome.trace = std::move(trace_);
  return outcome;
}

/// Thousands of peers lie in memory, and most of the time would go into waiting for it. Each step needs what the one before has fetched;
/// between them lie some events, whose time the memory needs.
void Simulation::Impl::prefetch_ahead() {
  using enum mesh::Engine::Ahead;
  constexpr std::size_t kStep = 3;
  const auto has_message = [](const What& what) { return what.kind == Kind::kArrive || what.kind == Kind::kDeliver || what.kind == Kind::kEnterLine; };
  if (const What* what = events_.ahead(5 * kStep)) {
    prefetch(&peers_[what->peer], kPeerHotBytes);
    if (has_message(*what)) prefetch(&messages_.at(what->other), sizeof(Message));
  }
  if (const What* what = events_.ahead(4 * kStep)) {
    const Peer& peer = peers_[what->peer];
    if (peer.engine) peer.engine->prefetch(kEngine, {});
    peer.links.prefetch();
    if (has_message(*what)) {
      const Message& message = messages_.at(what->other);
      message.header.prefetch();
      message.body.prefetch();
      prefetch(&peers_[what->kind == Kind::kEnterLine ? message.to : message.from].person.id, sizeof(PeerId));
    }
  }
  if (const What* what = events_.ahead(3 * kStep)) {
    Peer& peer = peers_[what->peer];
    if (peer.engine) peer.engine->prefetch(kTables, {});
    if (has_message(*what)) {
      const Message& message = messages_.at(what->other);
      peer.links.prefetch(what->kind == Kind::kEnterLine ? message.to : message.from);
      prefetch(message.header.view().data(), 1);
    }
  }
  for (const auto& [steps, ahead] : {std::pair{2, kParts}, std::pair{1, kRest}}) {
    const What* what = events_.ahead(static_cast<std::size_t>(steps) * kStep);
    if (!what || !peers_[what->peer].engine) continue;
    const bool comes = what->kind == Kind::kArrive || what->kind == Kind::kDeliver;
    peers_[what->peer].engine->prefetch(ahead, comes ? peers_[messages_.at(what->other).from].person.id : PeerId{});
  }
}

/// What the edge gave / what all the upload that peers may spend leaves to be given, by those who are there at the end.
double Simulation::Impl::edge_over_deficit() const {
  std::int64_t deficit_bits_per_s = 0;
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    if (!peers_[i].engine) continue;
    deficit_bits_per_s += (i == 0 ? 0 : world_.bits_per_s) - peers_[i].engine->stats().upload_allowed_bits_per_s;
  }
  const Duration measured = world_.length - world_.measured_from;
  if (deficit_bits_per_s <= 0) return 0;
  return static_cast<double>(recorder_.edge_bytes()) * 8e6 / (static_cast<double>(deficit_bits_per_s) * static_cast<double>(measured.count()));
}

std::vector<mesh::EngineStats> Simulation::Impl::stats() const {
  std::vector<mesh::EngineStats> all;
  for (const Peer& peer : peers_) {
    if (peer.engine) all.push_back(peer.engine->stats());
  }
  return all;
}

EngineCounts Simulation::Impl::counts() const {
  EngineCounts sum = gone_;
  for (const Peer& peer : peers_) {
    if (peer.engine) sum.add(peer.engine->stats());
  }
  return sum;
}

void Simulation::Impl::happen(const What& what) {
  Peer* peer = what.peer < peers_.size() ? &peers_[what.peer] : nullptr;
  const bool of_the_machine = what.kind == Kind::kWake || what.kind == Kind::kArrive || what.kind == Kind::kDeliver || what.kind == Kind::kEnterLine ||
                              what.kind == Kind::kPlayer || what.kind == Kind::kDialTimeout || what.kind == Kind::kLinkDeath;
  if (of_the_machine && now_ <= peer->frozen_until) return schedule(peer->frozen_until + 1us, what);
  switch (what.kind) {
    case Kind::kJoin: return join(what.peer);
    case Kind::kArrival: {
      const auto number = static_cast<std::uint32_t>(peers_.size());
      add_person(draw_viewer(world_, seed_, number));
      join(number);
      if (what.flag) schedule(now_ + std::max<Duration>(draw_exponential(world_.stay_mean / world_.viewers, prng_), 1us), what);
      return;
    }
    case Kind::kLeave: return leave(what.peer, what.flag);
    case Kind::kGone: return gone(what.peer, false);
    case Kind::kReconnect:
      if (alive(what.peer)) later(now_ + to_server(what.peer), JoinAsked{what.peer});
      return;
    case Kind::kProduce: return produce();
    case Kind::kDownload: download_changes(what.peer); break;
    case Kind::kPlayer: return player_tick(what.peer);
    case Kind::kWake: return wake(what.peer);
    case Kind::kEnterLine: return enter_line(what.other, what.flag);
    case Kind::kResend: peer->access.up.pass(peer->access.up.room(what.other, world_.line_queue, now_), now_); return;
    case Kind::kRelay: return relay(what.other);
    case Kind::kArrive: return arrive(what.other);
    case Kind::kDeliver: return deliver(what.other);
    case Kind::kErrand: return run_errand(errands_.take(what.other));
    case Kind::kDialTimeout: return dial_timed_out(what.peer, what.other, what.link);
    case Kind::kLinkDeath: return close_link(what.peer, what.other, what.link);
    case Kind::kFaultBegins: return fault_begins(what.other);
    case Kind::kFaultEnds: return fault_ends(what.other);
    case Kind::kMeasure: before_ = counts(); return;
    case Kind::kSecond: return each_second();
    case Kind::kAudience: return mind_audience();
    case Kind::kChat: return somebody_says();
  }
}

void Simulation::Impl::join(std::uint32_t number) {
  Peer& peer = peers_[number];
  const bool source = number == 0;
  std::int64_t upload = source ? peer.person.upload_bits_per_s : peer.person.upload_bits_per_s * world_.upload_known_percent / 100;
  if (peer.person.vice == Vice::kBoast) upload = 100'000'000;
  if (live_ && !source) upload = kAnyUpload;   // what the line has now is told below, and again when it changes
  const mesh::Engine::Options options{.stream = kStream,
                                      .seed = mixed(seed_, number, 5),
                                      .source = source,
                                      .giving = peer.person.vice != Vice::kFreeload,
                                      .connections_max = static_cast<std::uint16_t>(source ? world_.source_connections : world_.viewer_connections),
                                      .upload_bits_per_s = upload,
                                      .latency = world_.balanced ? mesh::Latency::kBalanced : mesh::Latency::kLow,
                                      .patience = world_.patience,
                                      .message_bytes_max = kPieceInOneMessage};
  if (options_.policy == Policy::kMesh) {
    peer.engine.emplace(mesh::Engine{options, peer.clock.shown(now_)});
  } else {
    peer.engine.emplace(Baseline{{.seed = options.seed, .source = source, .giving = options.giving, .connections_max = options.connections_max,
                                  .upload_bits_per_s = upload},
                                 peer.clock.shown(now_)});
  }
  enter_chat(number);
  later(now_ + to_server(number) * (1 + 2 * world_.join_round_trips), JoinAsked{number});
  if (source) return;
  if (live_) tell(number, mesh::SharingChanged{.upload_bits_per_s_max = peer.person.upload_bits_per_s});
  const bool leaf = peer.person.vice == Vice::kFreeload;
  const bool late = world_.counted_joins_until > 0s && now_ > Instant{} + world_.counted_joins_until;
  recorder_.joined(number, !hostile(number) && !(leaf && world_.count_givers_only) && !late, now_);
  if (peer.person.stay > 0ms) schedule(now_ + peer.person.stay, {.kind = Kind::kLeave, .flag = peer.person.silent_leave, .peer = number});
  if (victims_.size() < world_.victims && peer.person.vice == Vice::kNone) victims_.push_back(number);
  schedule(now_ + kPlayerEvery, {.kind = Kind::kPlayer, .peer = number});
  story(number, LogKind::kJoin, "joins: upload " + std::to_string(peer.person.upload_bits_per_s / 1000) + " kbit/s" + (peer.person.chromium ? ", a browser" : ", native"));
  settle(number);
}

void Simulation::Impl::leave(std::uint32_t number, bool silent) {
  Peer& peer = peers_[number];
  if (!peer.engine || peer.leaving) return;
  story(number, LogKind::kLeave, silent ? "is gone without a word" : "says goodbye");
  recorder_.left(number, now_);
  if (silent) return gone(number, true);
  peer.leaving = true;
  tell(number, mesh::Leave{});
  settle(number);
  later(now_ + to_server(number), LeftServer{number});
  schedule(now_ + kGoodbye, {.kind = Kind::kGone, .peer = number});
}

void Simulation::Impl::gone(std::uint32_t number, bool silent) {
  Peer& peer = peers_[number];
  if (!peer.engine) return;
  const mesh::EngineStats stats = peer.engine->stats();
  if (live_) live_->failed_gone += stats.pieces_failed;
  gone_.add(stats);
  peer.digest = peer.engine->digest();
  peer.engine.reset();
  for (const Link& link : peer.links) {
    if (silent) schedule(now_ + world_.link_death, {.kind = Kind::kLinkDeath, .peer = link.other, .other = number, .link = link.id});
    else later(now_ + trip(number, link.other, link.relayed), LinkClosed{link.other, number, link.id});
  }
  peer.links.clear();
  peer.dials = {};
  peer.last_piece = {};
}

void Simulation::Impl::produce() {
  if (produced_ == 0) stream_began_ = now_ - world_.capture;
  for (std::uint32_t i = 0; i < world_.renditions; ++i) produce(static_cast<std::uint8_t>(i));
  ++produced_;
  settle(0);
  schedule(now_ + world_.part, {.kind = Kind::kProduce});
}

void Simulation::Impl::produce(std::uint8_t rendition) {
  constexpr std::size_t kKeptParts = 512;
  const std::int64_t parts = world_.segment / world_.part;
  const auto part = static_cast<std::uint16_t>(produced_ % parts);
  const std::int64_t segment_bytes = bits_per_s_of(rendition) / 8 * (world_.segment / 1ms) / 1000;
  const std::int64_t key_bytes = parts == 1 ? segment_bytes : segment_bytes * world_.key_part_percent / 100;
  const std::int64_t size = part == 0 ? key_bytes : (segment_bytes - key_bytes) / (parts - 1);
  // No two pieces may look alike at their ends, wherever they are cut.
  Bytes bytes(static_cast<std::size_t>(std::max<std::int64_t>(size, 64)));
  for (std::size_t i = 0; i + 8 <= bytes.size(); i += 16) {
    const std::uint64_t word = content_.next();
    std::memcpy(bytes.data() + i, &word, 8);
  }
  const Payload payload{std::move(bytes)};
  recorder_.produced(rendition, static_cast<std::int64_t>(payload.size()), now_ - world_.capture, now_);
  if (!world_.vices.empty() && rendition == 0) {
    produced_bytes_.resize(kKeptParts);
    produced_bytes_[static_cast<std::size_t>(produced_) % kKeptParts] = payload;
  }
  tell(0, mesh::PartProduced{{.id = {mesh::RenditionId{rendition}, static_cast<std::uint32_t>(produced_ / parts), part},
                              .independent = part == 0,
                              .media_time = world_.part * produced_,
                              .duration = world_.part,
                              .captured = WallTime{(now_ - world_.capture).time_since_epoch()},
                              .bytes = payload}});
}

void Simulation::Impl::download_changes(std::uint32_t number) {
  Peer& peer = peers_[number];
  if (!peer.engine) return;
  const bool high = peer.person.download_bits_per_s == world_.changing_download_high_bits_per_s;
  peer.person.download_bits_per_s = high ? world_.changing_download_low_bits_per_s : world_.changing_download_high_bits_per_s;
  peer.access.down.set_rate(peer.person.download_bits_per_s);
  story(number, LogKind::kEvent, "its download has " + std::to_string(peer.person.download_bits_per_s / 1000) + " kbit/s now");
  schedule(now_ + world_.download_changes_every, {.kind = Kind::kDownload, .peer = number});
}

/// The best rendition that the line carries with its packets' headers and what neighbors say.
std::int64_t Simulation::Impl::oracle_bits_per_s(std::uint32_t number) const {
  constexpr std::int64_t kOnLinePercent = 112;
  for (std::size_t i = world_.renditions; i-- > 1;) {
    if (bits_per_s_of(i) * kOnLinePercent / 100 <= peers_[number].person.download_bits_per_s) return bits_per_s_of(i);
  }
  return bits_per_s_of(0);
}

void Simulation::Impl::player_tick(std::uint32_t number) {
  Peer& peer = peers_[number];
  if (!peer.engine || peer.leaving) return;
  schedule(now_ + kPlayerEvery, {.kind = Kind::kPlayer, .peer = number});
  if (peer.person.vice == Vice::kFlood) flood(number);
  if (peer.person.vice == Vice::kShout) shout(number);
  if (peer.first_part < 0) {
    tell(number, mesh::Playhead{.playing = true});
    return settle(number);
  }
  watch_player(number);
  const bool stands = peer.player.stands_since().has_value();
  // Of the first part's last frame it is known when it was captured.
  const Duration behind = now_ - (stream_began_ - world_.part + peer.player.position());
  recorder_.watched(number, behind, peer.player.buffered(), stands, now_);
  tell(number, mesh::Playhead{.media_time = peer.player.position(), .buffered = peer.player.buffered(), .playing = true, .stalled = stands});
  settle(number);
}

/// Before anything happens to the player: what it did since it was looked at last.
void Simulation::Impl::watch_player(std::uint32_t number) {
  Peer& peer = peers_[number];
  peer.player.advance(now_);
  const auto since = peer.player.stands_since();
  if (since) recorder_.stands(number, *since, now_);
  if (since.has_value() == peer.stands) return;
  peer.stands = since.has_value();
  story(number, LogKind::kPlay, peer.stands ? "the player stands still: part " + std::to_string(peer.player.position() / world_.part) + " is not there" : "it goes on");
}

void Simulation::Impl::wake(std::uint32_t number) {
  Peer& peer = peers_[number];
  if (!peer.engine || peer.wake_at > now_) return;   // an earlier look was scheduled after this one, and was taken
  peer.wake_at = kNever;
  if (peer.due <= now_) tell(number, mesh::Wake{});
  settle(number);
}

void Simulation::Impl::each_second() {
  schedule(now_ + 1s, {.kind = Kind::kSecond});
  if (live_) look_around();
  if (options_.trace && *options_.trace < peers_.size() && now_.time_since_epoch() / 1s % kFeedsEveryS == 0) story_of_feeds(*options_.trace);
  if (world_.vices.empty() || !peers_[0].engine) return;
  fed_hostiles_.resize(peers_.size());
  std::vector<std::uint32_t> fed(peers_.size());
  for (const mesh::NeighborStats& neighbor : peers_[0].engine->stats().neighbors) {
    const std::uint32_t number = numbers_.at(neighbor.peer);
    if (neighbor.stripes_out > 0 && hostile(number)) fed[number] = fed_hostiles_[number] + 1;
  }
  fed_hostiles_ = std::move(fed);
  for (const std::uint32_t seconds : fed_hostiles_) figures_.liar_source_slot_s_max = std::max(figures_.liar_source_slot_s_max, double(seconds));
}

void Simulation::Impl::story_of_feeds(std::uint32_t number) {
  std::string line;
  for (Link& link : peers_[number].links) {
    const std::int64_t kbit_per_s = (link.received - link.received_told) * 8 / 1000 / kFeedsEveryS;
    link.received_told = link.received;
    if (kbit_per_s > 0) line += " " + to_text(peers_[link.other].person.id).substr(0, 4) + " " + std::to_string(kbit_per_s) + ",";
  }
  if (line.empty()) return;
  line.back() = '.';
  story(number, LogKind::kFeed, "received in the last 5 s, kbit/s:" + line);
}

void Simulation::Impl::story(std::uint32_t number, LogKind kind, const std::string& line) {
  constexpr std::size_t kLinesMax = 20'000;
  if (live_) live_->log(kind, number, peers_[number].person.id, line, now_);
  if (options_.trace != number || trace_.size() >= kLinesMax) return;
  const std::int64_t ms = now_.time_since_epoch() / 1ms;
  std::string time = std::to_string(ms / 1000) + "." + std::to_string(1000 + ms % 1000).substr(1);
  trace_.push_back(std::string(time.size() < 8 ? 8 - time.size() : 0, ' ') + time + "  " + line);
}

Simulation::Simulation(World world, std::uint64_t seed, Options options) : impl_{std::make_unique<Impl>(std::move(world), seed, options)} {}
Simulation::~Simulation() = default;
Outcome Simulation::run() { return impl_->run(); }
std::vector<mesh::EngineStats> Simulation::peers() const { return impl_->stats(); }

}  // namespace p2p::simulator
