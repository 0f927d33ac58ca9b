#include "others.hpp"

#include <algorithm>
#include <condition_variable>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/prng.hpp"
#include "cast.hpp"

namespace p2p::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Duration kPart = 200ms;
constexpr std::int64_t kPartsPerSegment = 10;
constexpr std::int64_t kKeyPercent = 25;          // of its segment
constexpr auto kWarmUp = std::chrono::seconds{5};
constexpr auto kPatience = std::chrono::seconds{60};   // until every child plays
constexpr auto kLastComes = std::chrono::seconds{5};   // after it was made
/// In bulk, parts on their way at once: fewer and links idle for a round trip, more and pieces expire in queues.
constexpr std::int64_t kAhead = 8;

class Others {
 public:
  Others(Courier& courier, transport::SigningKey key, const Plan& plan) : courier_{courier}, plan_{plan} {
    const mesh::PublicKey stream_key = key.public_key();
    auto options = driver_options(kSource, stream_key);
    options.engine.source = true;
    options.engine.connections_max = 1;
    options.signing_key.emplace(std::move(key));
    add(kSource, std::move(options));
    for (std::uint32_t i = 0; i < plan.children; ++i) {
      auto leaf = driver_options(child(i), stream_key);
      leaf.engine.giving = false;
      add(child(i), std::move(leaf));
    }
    reader_ = std::thread{[this] { read(); }};
  }

  ~Others() {
    for (auto& [id, peer] : peers_) peer->driver->stop();
    courier_.finish();
    reader_.join();
  }

  Result<Outcome> run() {
    post(kSource, mesh::Joined{.self = kSource});
    post(kSource, mesh::RenditionProduced{{.codecs = "avc1.64001f,opus", .width = 1280, .height = 720,
                                           .bits_per_s = static_cast<std::uint32_t>(plan_.bits_per_s), .init = Payload{Bytes(700)}}});
    for (std::uint32_t i = 0; i < plan_.children; ++i) {
      post(child(i), mesh::Joined{.self = child(i), .source = kSource,
                                  .candidates = {{.peer = kRelay, .score = 100, .role = mesh::Role::kRelay, .receiving = true}}});
    }
    const auto everybody_plays = [&] { return newest_of_slowest() >= 0; };
    if (!produce(Clock::now() + kPatience, true, everybody_plays)) return fail("The children did not get the stream within a minute.");
    const auto never = [] { return false; };
    produce(Clock::now() + kWarmUp, plan_.paced, never);

    const std::int64_t due_before = produced_;
    const std::uint64_t come_before = parts_come();
    const Mark before = ask_mark();
    const auto started = Clock::now();
    produce(started + plan_.measured, plan_.paced, never);
    const Mark after = ask_mark();
    const std::chrono::duration<double> passed = Clock::now() - started;
    Outcome outcome{.seconds = passed.count()};
    outcome.used = {.cpu_us = after.cpu_us - before.cpu_us,
                    .given_bytes = after.given_bytes - before.given_bytes,
                    .received_bytes = after.received_bytes - before.received_bytes,
                    .pieces_verified = after.pieces_verified - before.pieces_verified};
    outcome.parts_due = static_cast<std::uint64_t>(produced_ - due_before) * plan_.children;
    wait_for_the_last();
    outcome.parts_come = std::min(parts_come() - come_before, outcome.parts_due);
    return outcome;
  }

 private:
  class Peer final : public transport::Driver::Host {
   public:
    Peer(Others& others, PeerId id) : others_{others}, id_{id} {}

    void send_signal(PeerId to, const transport::Signal& signal) override { others_.pass_on(id_, to, signal); }
    void find_candidates(const mesh::FindCandidates&) override {}
    void send_report(const mesh::SendReport&) override {}
    void play_rendition(const mesh::PlayRendition&) override {}
    void play_part(const mesh::PlayPart& play) override {
      const std::lock_guard lock{others_.mutex_};
      newest = std::int64_t{play.part.id.segment} * kPartsPerSegment + play.part.id.part;
      ++parts;
      others_.changed_.notify_all();
    }
    void misbehaved(const mesh::Misbehaved&) override {}
    void decided(const mesh::Decision&) override {}
    void link_changed(PeerId, bool, const std::string&) override {}

    std::int64_t newest = -1;          // of the parts played
    std::uint64_t parts = 0;
    std::unique_ptr<transport::Driver> driver;

   private:
    Others& others_;
    PeerId id_;
  };

  void add(PeerId id, transport::Driver::Options options) {
    auto peer = std::make_unique<Peer>(*this, id);
    peer->driver = std::make_unique<transport::Driver>(std::move(options), *peer);
    peers_.emplace(id, std::move(peer));
  }

  void post(PeerId id, mesh::Input input) { peers_.at(id)->driver->post(std::move(input)); }

  void pass_on(PeerId from, PeerId to, const transport::Signal& signal) {
    if (to == kRelay) return courier_.send(Letter{from, to, signal});
    // Only the relay has room for anybody.
    if (std::holds_alternative<transport::SignalOffer>(signal)) peers_.at(from)->driver->post_signal(to, transport::SignalBye{"full"});
  }

  void read() {
    while (auto message = courier_.receive()) {
      if (auto* letter = std::get_if<Letter>(&*message)) {
        if (const auto peer = peers_.find(letter->to); peer != peers_.end()) peer->second->driver->post_signal(letter->from, std::move(letter->signal));
      } else if (const auto* mark = std::get_if<Mark>(&*message)) {
        const std::lock_guard lock{mutex_};
        mark_ = *mark;
        changed_.notify_all();
      }
    }
  }

  /// Until every child has played the last part, or something after a lost one; not for ever, for the last one itself may be lost.
  void wait_for_the_last() {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, kLastComes, [&] { return newest_of_slowest() >= produced_ - 1; });
  }

  Mark ask_mark() {
    courier_.send(MarkWanted{});
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return mark_.has_value(); });
    return *std::exchange(mark_, std::nullopt);
  }

  /// Makes parts until then, or until `done` holds (asked with mutex_ held). Whether it did.
  template <typename Done>
  bool produce(Clock::time_point until, bool paced, const Done& done) {
    for (auto due = Clock::now(); due < until;) {
      make_part();
      std::unique_lock lock{mutex_};
      due = paced ? due + kPart : until;
      const auto go_on = [&] { return done() || (!paced && produced_ - newest_of_slowest() <= kAhead); };
      changed_.wait_until(lock, std::min(due, until), go_on);
      if (done()) return true;
      if (!paced) due = Clock::now();
    }
    return false;
  }

  void make_part() {
    const std::int64_t segment_bytes = plan_.bits_per_s / 8 * (kPart * kPartsPerSegment / 1ms) / 1000;
    const std::int64_t number = produced_ % kPartsPerSegment;
    const std::int64_t key_bytes = segment_bytes * kKeyPercent / 100;
    Bytes bytes(static_cast<std::size_t>(number == 0 ? key_bytes : (segment_bytes - key_bytes) / (kPartsPerSegment - 1)));
    for (std::size_t i = 0; i < bytes.size(); i += 64) bytes[i] = static_cast<std::byte>(content_.next());
    post(kSource, mesh::PartProduced{{.id = {{}, static_cast<std::uint32_t>(produced_ / kPartsPerSegment), static_cast<std::uint16_t>(number)},
                                      .independent = number == 0,
                                      .media_time = kPart * produced_,
                                      .duration = kPart,
                                      .captured = WallTime{std::chrono::duration_cast<Duration>(Clock::now().time_since_epoch())},
                                      .bytes = Payload{std::move(bytes)}}});
    const std::lock_guard lock{mutex_};
    ++produced_;
  }

  [[nodiscard]] std::int64_t newest_of_slowest() const {
    std::int64_t newest = INT64_MAX;
    for (const auto& [id, peer] : peers_) {
      if (id != kSource) newest = std::min(newest, peer->newest);
    }
    return newest;
  }

  [[nodiscard]] std::uint64_t parts_come() {
    const std::lock_guard lock{mutex_};
    std::uint64_t parts = 0;
    for (const auto& [id, peer] : peers_) parts += peer->parts;
    return parts;
  }

  Courier& courier_;
  Plan plan_;
  Prng content_{1};
  std::mutex mutex_;                   // guards what follows, and what peers count
  std::condition_variable changed_;
  std::optional<Mark> mark_;
  std::int64_t produced_ = 0;
  std::map<PeerId, std::unique_ptr<Peer>> peers_;   // filled before any thread but drivers' runs
  std::thread reader_;
};

}  // namespace

Result<Outcome> run_others(Courier& courier, transport::SigningKey key, const Plan& plan) { return Others{courier, std::move(key), plan}.run(); }

}  // namespace p2p::bench
