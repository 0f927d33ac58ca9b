#include "relay.hpp"

#include <sys/resource.h>

#include <memory>

#include "base/check.hpp"
#include "cast.hpp"

namespace p2p::bench {
namespace {

std::uint64_t process_cpu_us() {
  rusage used{};
  CHECK(getrusage(RUSAGE_SELF, &used) == 0, "this system counts no CPU time");
  const auto us = [](const timeval& time) { return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(time.tv_usec); };
  return us(used.ru_utime) + us(used.ru_stime);
}

class Relay final : public transport::Driver::Host {
 public:
  Relay(Courier& courier, const mesh::PublicKey& stream_key) : courier_{courier} {
    auto options = driver_options(kRelay, stream_key);
    options.engine.connections_max = kChildrenMax + 1;   // a viewer's relay has 16
    driver_ = std::make_unique<transport::Driver>(std::move(options), *this);
  }
  ~Relay() override { driver_->stop(); }

  void run() {
    driver_->post(mesh::Joined{.self = kRelay, .source = kSource});
    while (auto message = courier_.receive()) {
      if (auto* letter = std::get_if<Letter>(&*message)) driver_->post_signal(letter->from, std::move(letter->signal));
      if (std::holds_alternative<MarkWanted>(*message)) courier_.send(mark());
    }
  }

  void send_signal(PeerId to, const transport::Signal& signal) override { courier_.send(Letter{kRelay, to, signal}); }
  void find_candidates(const mesh::FindCandidates&) override {}   // there is nobody else
  void send_report(const mesh::SendReport&) override {}
  void play_rendition(const mesh::PlayRendition&) override {}
  void play_part(const mesh::PlayPart&) override {}
  void misbehaved(const mesh::Misbehaved&) override {}
  void decided(const mesh::Decision&) override {}
  void link_changed(PeerId, bool, const std::string&) override {}

 private:
  [[nodiscard]] Mark mark() {
    const mesh::EngineStats stats = driver_->stats();
    return {.cpu_us = process_cpu_us(),
            .given_bytes = static_cast<std::uint64_t>(stats.given_bytes),
            .received_bytes = static_cast<std::uint64_t>(stats.received_from_peers_bytes + stats.received_from_source_bytes),
            .pieces_verified = stats.pieces_verified};
  }

  Courier& courier_;
  std::unique_ptr<transport::Driver> driver_;
};

}  // namespace

void run_relay(Courier& courier, const mesh::PublicKey& stream_key) { Relay{courier, stream_key}.run(); }

}  // namespace p2p::bench
