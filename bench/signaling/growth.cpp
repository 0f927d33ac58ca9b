#include "growth.hpp"

#include <time.h>

#include <algorithm>

#include "base/check.hpp"
#include "directory/directory.hpp"

namespace p2p::bench {
namespace {

using directory::ConnectionId;
using directory::Directory;

constexpr std::size_t kRepeats = 20'000;

double cpu_us() {
  timespec spent{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) * 1e6 + static_cast<double>(spent.tv_nsec) / 1e3;
}

directory::StreamId stream_of(std::size_t room) {
  directory::StreamId id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::byte>(room >> (8 * i));
  return id;
}

/// Time goes on a microsecond a step: nobody falls silent within a run.
class Stage {
 public:
  Stage(std::size_t peers, std::size_t room_size)
      : room_size_{room_size},
        rooms_{(peers + room_size - 1) / room_size},
        directory_{{.connections_max = peers + rooms_ + 10, .streams_max = rooms_, .members_max = room_size + 10, .silence_max = 24h}, 1} {
    for (std::size_t room = 0; room < rooms_; ++room) {
      CHECK(directory_.connect(ConnectionId{room + 1}, tick()), "no place for a source");
      CHECK(directory_.create(ConnectionId{room + 1}, {.stream = stream_of(room), .details = {.title = "Stream"}, .peer = PeerId{1'000'000'000 + room}}, tick()), "no stream");
    }
    for (std::size_t peer = 0; peer < peers; ++peer) {
      CHECK(directory_.connect(connection(peer), tick()), "no place for a viewer");
      join(peer);
    }
    drain();
  }

  void join(std::size_t peer) {
    CHECK(directory_.join(connection(peer), {.stream = stream_of(peer / room_size_), .peer = id(peer), .network = static_cast<std::uint32_t>(peer / 4 + 1)}, tick()),
          "a viewer cannot join");
  }
  void leave(std::size_t peer) { CHECK(directory_.leave(connection(peer), tick()), "a viewer cannot leave"); }
  void ask(std::size_t peer) { CHECK(directory_.candidates(connection(peer), {}), "no candidates"); }
  void report(std::size_t peer) {
    directory::Report report{.upload_bits_per_s = 5'000'000, .latency_ms = 700, .receiving = true};
    const std::size_t first = peer / room_size_ * room_size_;
    for (std::size_t i = 1; i <= 8; ++i) report.neighbors.push_back({.peer = id(first + (peer - first + i) % room_size_), .received_bytes = 200'000, .rtt_ms = 30});
    CHECK(directory_.report(connection(peer), report, tick()), "no report");
  }
  void drain() {
    while (directory_.poll()) {
    }
  }

 private:
  [[nodiscard]] ConnectionId connection(std::size_t peer) const { return ConnectionId{rooms_ + 1 + peer}; }
  // Spread like hashes, as they are.
  [[nodiscard]] static PeerId id(std::size_t peer) { return PeerId{(peer + 1) * 0x9e3779b97f4a7c15}; }
  Instant tick() { return now_ += Duration{1}; }

  std::size_t room_size_;
  std::size_t rooms_;
  Instant now_{};
  Directory directory_;
};

}  // namespace

GrowthOutcome measure_growth(std::size_t peers, std::size_t room_size) {
  Stage stage{peers, std::min(peers, room_size)};
  Prng prng{7};
  const auto of_each = [&](auto step) {
    const double before = cpu_us();
    for (std::size_t i = 0; i < kRepeats; ++i) step(static_cast<std::size_t>(prng.below(peers)));
    stage.drain();
    return (cpu_us() - before) / kRepeats;
  };
  GrowthOutcome outcome;
  outcome.report_us = of_each([&](std::size_t peer) { stage.report(peer); });
  outcome.candidates_us = of_each([&](std::size_t peer) { stage.ask(peer); });
  outcome.join_us = of_each([&](std::size_t peer) {
    stage.leave(peer);
    stage.join(peer);
  });
  return outcome;
}

}  // namespace p2p::bench
