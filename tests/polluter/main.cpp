#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>

#include "peer/peer_session.hpp"
#include "peer/stop_signal.hpp"
#include "peer/watch_url.hpp"

namespace {

using namespace p2p;

constexpr std::size_t kPieceNumberAt = 4;   // in a fragment's header (wire/fragment.hpp)

/// Flips a bit in the last byte of every second piece. Says so once, for the test to see that there was something to catch.
class Tamperer {
 public:
  void operator()(mesh::Send& message) {
    if (message.channel != mesh::Channel::kPieces || message.body.empty()) return;
    const auto piece = std::to_integer<unsigned>(message.header.at(kPieceNumberAt));
    if (piece / 8 % 2 != 0) return;
    Bytes spoilt{message.body.view().begin(), message.body.view().end()};
    spoilt.back() ^= std::byte{1};
    message.body = Payload{std::move(spoilt)};
    if (!told_.exchange(true)) {
      fmt::print("spoilt a piece\n");
      std::fflush(stdout);
    }
  }

 private:
  static inline std::atomic<bool> told_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Relays a stream and spoils every second piece."};
  std::string url;
  app.add_option("--url", url)->required();
  CLI11_PARSE(app, argc, argv);
  app::StopSignal stop;
  const auto parsed = app::parse_watch_url(url);
  if (!parsed) {
    fmt::print(stderr, "{}\n", parsed.error().text);
    return 1;
  }
  app::PeerSession::Events events;
  events.part = [told = false](const mesh::PlayPart&) mutable {
    if (std::exchange(told, true)) return;
    fmt::print("relaying\n");
    std::fflush(stdout);
  };
  const auto session = app::PeerSession::watch({.server_url = parsed->server, .tamper = Tamperer{}}, parsed->stream, std::move(events));
  if (!session) {
    fmt::print(stderr, "{}\n", session.error().text);
    return 1;
  }
  while (stop.wait_until(app::StopSignal::Clock::now() + std::chrono::hours{1}) != app::StopSignal::Woken::kStop) {
  }
  (*session)->stop();
  return 0;
}
