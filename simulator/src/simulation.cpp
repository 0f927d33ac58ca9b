#include "simulator/simulation.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <utility>
#include <variant>

#include "base/check.hpp"
#include "base/digest.hpp"
#include "directory/candidate_pool.hpp"
#include "network.hpp"
#include "p2p-core/engine.hpp"
#include "recorder.hpp"

namespace p2p::simulator {
namespace {

constexpr Duration kDirectoryTrip = 40ms;
constexpr std::size_t kCandidates = 10;
constexpr mesh::StreamId kStream{};

/// Stands for SHA-256: equal bytes, equal digest. It looks at the ends only; what the simulator makes differs there.
mesh::PieceDigest model_digest(BytesView bytes) {
  RunningDigest digest;
  digest.mix(bytes.size());
  digest.mix(bytes.first(std::min<std::size_t>(bytes.size(), 32)));
  digest.mix(bytes.last(std::min<std::size_t>(bytes.size(), 32)));
  mesh::PieceDigest result{};
  const std::uint64_t value = digest.value();
  std::memcpy(result.data(), &value, sizeof value);
  return result;
}

/// Stands for Ed25519 with a key that only the source has: nobody in a simulation forges it but on purpose.
mesh::Signature model_signature(BytesView message) {
  RunningDigest digest;
  digest.mix(message);
  mesh::Signature signature{};
  const std::uint64_t value = digest.value();
  std::memcpy(signature.data(), &value, sizeof value);
  return signature;
}

struct Join {};
struct Produce {};
struct Arrive {
  std::uint32_t from = 0;
  std::uint64_t link = 0;
  mesh::Channel channel{};
  Payload bytes;
  bool on_line = true;   // still to pass the receiver's line
};
struct Departed {
  std::uint32_t to = 0;
  std::uint64_t link = 0;
  std::uint32_t bytes = 0;
};
struct Tell {
  mesh::Input input;
};
struct LinkReady {
  std::uint32_t other = 0;
  std::uint64_t link = 0;
};

struct Event {
  Instant at{};
  std::uint64_t order = 0;
  std::uint32_t peer = 0;
  std::variant<Join, Produce, Arrive, Departed, Tell, LinkReady> what;
  bool operator>(const Event& other) const { return std::pair{at, order} > std::pair{other.at, other.order}; }
};

}  // namespace

class Simulation::Impl {
 public:
  Impl(World world, std::uint64_t seed)
      : world_{std::move(world)}, prng_{seed}, network_{world_, prng_.fork(1)}, content_{prng_.fork(2)}, picks_{prng_.fork(3)}, recorder_{world_} {
    peers_.resize(world_.viewers + 1);
    std::uint32_t weights = 0;
    for (const World::Upload& upload : world_.uploads) weights += upload.weight;
    for (std::uint32_t i = 0; i < peers_.size(); ++i) {
      Peer& peer = peers_[i];
      peer.id = PeerId{prng_.next()};
      numbers_[peer.id] = i;
      peer.upload_bits_per_s = i == 0 ? world_.source_upload_bits_per_s : draw_upload(weights);
      network_.add_peer(peer.upload_bits_per_s, world_.download_bits_per_s);
      const Duration wait = i == 0 ? Duration{} : 1s + world_.arrivals * (i - 1) / std::max<std::uint32_t>(world_.viewers, 1);
      schedule(Instant{} + wait, i, Join{});
    }
  }

  Figures run() {
    const Instant end = Instant{} + world_.length;
    Figures figures;
    while (true) {
      // The earliest of the events and the engines' wakes.
      const Instant wake = wakes_.empty() ? kNever : wakes_.begin()->first;
      const Instant next = events_.empty() ? wake : std::min(wake, events_.top().at);
      if (next > end) break;
      now_ = next;
      ++figures.events;
      if (wake <= next && (events_.empty() || wake < events_.top().at)) {
        const std::uint32_t peer = wakes_.begin()->second;
        tell(peer, mesh::Wake{});
        settle(peer);
      } else {
        Event event = events_.top();
        events_.pop();
        std::visit([&](auto& what) { happen(event.peer, what); }, event.what);
        settle(event.peer);
      }
    }
    RunningDigest digest;
    for (const Peer& peer : peers_) {
      if (peer.engine) digest.mix(peer.engine->digest());
    }
    figures.digest = digest.value();
    recorder_.finish(stats(), end, figures);
    double uploads = 0;
    for (std::size_t i = 1; i < peers_.size(); ++i) uploads += static_cast<double>(peers_[i].upload_bits_per_s);
    figures.source_copies_bound = std::max(1.0, static_cast<double>(world_.viewers) - uploads / static_cast<double>(world_.bits_per_s));
    return figures;
  }

  [[nodiscard]] std::vector<mesh::EngineStats> stats() const {
    std::vector<mesh::EngineStats> all;
    for (const Peer& peer : peers_) all.push_back(peer.engine ? peer.engine->stats() : mesh::EngineStats{});
    return all;
  }

 private:
  struct Link {
    std::uint64_t id = 0;          // 0: none; a new link between the same two has another
    std::uint32_t backlog = 0;
  };
  struct Peer {
    PeerId id;
    std::int64_t upload_bits_per_s = 0;
    std::optional<mesh::Engine> engine;
    std::map<std::uint32_t, Link> links;
    std::set<std::uint32_t> dialing;
    Instant wake = kNever;
  };

  std::int64_t draw_upload(std::uint32_t weights) {
    auto drawn = static_cast<std::uint32_t>(prng_.below(weights));
    for (const World::Upload& upload : world_.uploads) {
      if (drawn < upload.weight) return upload.bits_per_s;
      drawn -= upload.weight;
    }
    return world_.uploads.back().bits_per_s;
  }

  template <typename What>
  void schedule(Instant at, std::uint32_t peer, What what) {
    events_.push(Event{at, next_order_++, peer, std::move(what)});
  }

  void happen(std::uint32_t number, Join&) {
    Peer& peer = peers_[number];
    peer.engine.emplace(mesh::Engine::Options{.stream = kStream,
                                              .seed = prng_.next(),
                                              .source = number == 0,
                                              .connections_max = number == 0 ? world_.source_connections : std::uint16_t{16},
                                              .upload_bits_per_s = peer.upload_bits_per_s},
                        now_);
    mesh::Joined joined{.self = peer.id};
    if (number == 0) {
      tell(number, joined);
      tell(number, mesh::RenditionProduced{{.codecs = "avc1.64001f,opus", .width = 1280, .height = 720,
                                            .bits_per_s = static_cast<std::uint32_t>(world_.bits_per_s), .init = Payload{Bytes(600)}}});
      schedule(now_ + world_.part, 0, Produce{});
      return;
    }
    joined.source = peers_[0].id;
    joined.candidates = candidates({});
    schedule(now_ + kDirectoryTrip, number, Tell{std::move(joined)});
    pool_.put(peer.id, {.score = 50, .receiving = true});
    recorder_.joined(number, now_);
  }

  void happen(std::uint32_t, Produce&) {
    const std::int64_t parts = world_.segment / world_.part;
    const auto part = static_cast<std::uint16_t>(produced_ % parts);
    const std::int64_t segment_bytes = world_.bits_per_s / 8 * (world_.segment / 1ms) / 1000;
    const std::int64_t key_bytes = segment_bytes * world_.key_part_percent / 100;
    const std::int64_t size = part == 0 ? key_bytes : (segment_bytes - key_bytes) / (parts - 1);
    // Only the ends differ: they are what the model of the hash looks at, and pieces are cut at offsets that vary with the size.
    Bytes bytes(static_cast<std::size_t>(size));
    for (std::size_t i = 0; i + 8 <= bytes.size(); i += 256) {
      const std::uint64_t word = content_.next();
      std::memcpy(bytes.data() + i, &word, 8);
    }
    const std::int64_t captured_us = now_.time_since_epoch().count();
    tell(0, mesh::PartProduced{{.id = {{}, static_cast<std::uint32_t>(produced_ / parts), part},
                                .independent = part == 0,
                                .media_time = world_.part * produced_,
                                .duration = world_.part,
                                .captured = WallTime{Duration{captured_us}},
                                .bytes = Payload{std::move(bytes)}}});
    recorder_.produced(captured_us, now_);
    ++produced_;
    schedule(now_ + world_.part, 0, Produce{});
  }

  void happen(std::uint32_t number, Arrive& message) {
    Peer& peer = peers_[number];
    const auto link = peer.links.find(message.from);
    if (link == peer.links.end() || link->second.id != message.link) return;
    if (message.on_line) {
      message.on_line = false;
      const Instant passed = network_.receive(number, message.bytes.size(), now_);
      if (passed > now_ + 2ms) return schedule(passed, number, std::move(message));   // less is not worth an event
    }
    tell(number, mesh::MessageReceived{peers_[message.from].id, message.channel, message.bytes});
  }

  void happen(std::uint32_t number, Departed& departed) {
    Peer& peer = peers_[number];
    const auto link = peer.links.find(departed.to);
    if (link == peer.links.end() || link->second.id != departed.link) return;
    link->second.backlog -= departed.bytes;
    tell(number, mesh::LinkBacklog{peers_[departed.to].id, link->second.backlog});
  }

  void happen(std::uint32_t number, Tell& fact) { tell(number, fact.input); }

  void happen(std::uint32_t number, LinkReady& ready) {
    Peer& peer = peers_[number];
    peer.dialing.erase(ready.other);
    if (ready.link == 0) {
      tell(number, mesh::LinkDown{peers_[ready.other].id});
      return;
    }
    peer.links[ready.other] = {.id = ready.link};
    tell(number, mesh::LinkUp{.peer = peers_[ready.other].id});
  }

  void tell(std::uint32_t number, const mesh::Input& input) {
    if (peers_[number].engine) peers_[number].engine->handle(now_, input);
  }

  /// Carries out what the engine asks until it asks no more, then sets its timer.
  void settle(std::uint32_t number) {
    Peer& peer = peers_[number];
    if (!peer.engine) return;
    while (auto output = peer.engine->poll()) {
      std::visit([&](auto& wish) { carry_out(number, wish); }, *output);
    }
    peer.engine->check_invariants();
    wakes_.erase({peer.wake, number});
    peer.wake = std::max(peer.engine->next_wake(), now_ + 1us);
    wakes_.insert({peer.wake, number});
  }

  void carry_out(std::uint32_t number, mesh::Dial& dial) {
    const std::uint32_t other = numbers_.at(dial.peer);
    peers_[number].dialing.insert(other);
    const Duration trip = 2 * network_.latency(number, other);
    if (!peers_[other].engine || network_.dial_fails()) {
      schedule(now_ + 5s, number, LinkReady{other, 0});
      return;
    }
    schedule(now_ + trip, other, Tell{mesh::OfferReceived{peers_[number].id}});
  }

  void carry_out(std::uint32_t number, mesh::Accept& accept) {
    const std::uint32_t other = numbers_.at(accept.peer);
    const Duration time = network_.set_up_time(number, other);
    // When both dialled at once, both accept; the second finds the link made.
    if (peers_[number].links.contains(other) && peers_[other].links.contains(number)) return;
    const std::uint64_t link = next_link_++;
    schedule(now_ + time, number, LinkReady{other, link});
    schedule(now_ + time, other, LinkReady{number, link});
  }

  void carry_out(std::uint32_t number, mesh::Refuse& refuse) {
    const std::uint32_t other = numbers_.at(refuse.peer);
    schedule(now_ + 2 * network_.latency(number, other), other, LinkReady{number, 0});
  }

  void carry_out(std::uint32_t number, mesh::HangUp& hang_up) {
    const std::uint32_t other = numbers_.at(hang_up.peer);
    peers_[number].links.erase(other);
    if (peers_[other].links.erase(number) > 0) {
      schedule(now_ + network_.latency(number, other), other, Tell{mesh::LinkDown{peers_[number].id}});
    }
  }

  void carry_out(std::uint32_t number, mesh::Send& message) {
    const std::uint32_t other = numbers_.at(message.peer);
    const auto link = peers_[number].links.find(other);
    if (link == peers_[number].links.end()) return;
    Bytes bytes = std::move(message.header);
    append(bytes, message.body.view());
    const auto size = static_cast<std::uint32_t>(bytes.size());
    const Network::Times times = network_.send(number, other, message.channel, size, now_);
    link->second.backlog += size;
    if (message.channel == mesh::Channel::kPieces) schedule(times.departed, number, Departed{other, link->second.id, size});
    else link->second.backlog -= size;
    schedule(times.arrived, other, Arrive{number, link->second.id, message.channel, Payload{std::move(bytes)}});
  }

  void carry_out(std::uint32_t number, mesh::HashPiece& question) {
    tell(number, mesh::PieceHashed{question.request, model_digest(question.bytes.view())});
  }
  void carry_out(std::uint32_t number, mesh::Sign& question) {
    tell(number, mesh::Signed{question.request, model_signature(question.message)});
  }
  void carry_out(std::uint32_t number, mesh::CheckSignature& question) {
    tell(number, mesh::SignatureChecked{question.request, question.signature == model_signature(question.message)});
  }
  void carry_out(std::uint32_t number, mesh::FindCandidates& wish) {
    schedule(now_ + kDirectoryTrip, number, Tell{mesh::CandidatesFound{candidates(wish.exclude)}});
  }
  void carry_out(std::uint32_t number, mesh::PlayPart& part) { recorder_.played(number, part, now_); }
  void carry_out(std::uint32_t, mesh::PlayRendition&) {}
  void carry_out(std::uint32_t, mesh::SendReport&) {}
  void carry_out(std::uint32_t, mesh::Misbehaved&) {}
  void carry_out(std::uint32_t, mesh::Decision&) {}

  std::vector<mesh::Candidate> candidates(const std::vector<PeerId>& exclude) {
    std::vector<mesh::Candidate> found;
    for (const PeerId peer : pool_.pick(kCandidates, exclude, picks_)) found.push_back({.peer = peer, .score = 50, .receiving = true});
    return found;
  }

  World world_;
  Prng prng_;
  Network network_;
  Prng content_;
  Prng picks_;
  Recorder recorder_;
  std::vector<Peer> peers_;
  std::map<PeerId, std::uint32_t> numbers_;
  directory::CandidatePool pool_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::set<std::pair<Instant, std::uint32_t>> wakes_;
  std::uint64_t next_order_ = 0;
  std::uint64_t next_link_ = 1;
  std::int64_t produced_ = 0;
  Instant now_{};
};

Simulation::Simulation(World world, std::uint64_t seed) : impl_{std::make_unique<Impl>(std::move(world), seed)} {}
Simulation::~Simulation() = default;
Figures Simulation::run() { return impl_->run(); }
std::vector<mesh::EngineStats> Simulation::peers() const { return impl_->stats(); }

}  // namespace p2p::simulator
