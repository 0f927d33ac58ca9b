#include "signals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

namespace p2p::bench {
namespace {

constexpr std::size_t kMessageBytes = 1'500;
constexpr std::size_t kRing = 1 << 16;
constexpr std::string_view kNumberMark = "o=- ";

/// As browsers write it, with the newlines escaped as JSON has them; padded with candidates to the size of a whole message.
std::string make_sdp_tail() {
  std::string sdp =
      R"( 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n)"
      R"(m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:Yk2w\r\na=ice-pwd:mYw9Ac4gqGJ2OaWGGGhz1WiT\r\n)"
      R"(a=ice-options:trickle\r\na=fingerprint:sha-256 A4:CC:6B:1F:5B:0A:55:7F:30:E1:F3:3C:1F:5A:2E:8E:41:DD:59:0B:3B:77:6F:04:0B:C2:9D:5E:3C:21:6A:0F\r\n)"
      R"(a=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n)";
  constexpr std::size_t kAround = 110;   // what stands before and behind it in a message
  for (int i = 0; sdp.size() + kAround + 90 < kMessageBytes; ++i) {
    sdp += fmt::format(R"(a=candidate:{} 1 udp {} 203.0.113.{} {} typ srflx generation 0\r\n)", 842163049 + i, 1677729535 - i, 1 + i % 250, 40000 + i);
  }
  return sdp.append("a=x:").append(kMessageBytes - kAround - sdp.size() - 8, 'x').append(R"(\r\n)");
}

}  // namespace

Duration percentile(std::vector<std::int64_t>& microseconds, double share) {
  if (microseconds.empty()) return Duration{-1};
  const auto at = static_cast<std::ptrdiff_t>(static_cast<double>(microseconds.size() - 1) * share);
  std::ranges::nth_element(microseconds, microseconds.begin() + at);
  return Duration{microseconds[static_cast<std::size_t>(at)]};
}

Signals::Signals(Net& net, Cast& cast, const ServerProcess& server, SignalsPlan plan)
    : net_{net}, cast_{cast}, server_{server}, plan_{plan}, sdp_tail_{make_sdp_tail()}, due_(kRing) {
  cast_.set_scenario(this);
}

void Signals::send_burst(Instant due) {
  const std::size_t room = cast_.room_size();
  const std::size_t from = sender_;
  sender_ = (sender_ + 1) % cast_.size();
  const std::size_t first = from / room * room;
  for (std::size_t i = 0; i < plan_.burst; ++i) {
    const std::uint64_t number = begun_++;
    // Another one each time that a member's turn comes.
    const std::size_t step = 1 + (number / cast_.size() + i) % (room - 1);
    const std::size_t to = first + (from - first + step) % room;
    due_[number % kRing] = due;
    cast_.client(from).emit("signal",
                            fmt::format(R"({{"to":"{}","data":{{"type":"offer","sdp":"v=0\r\n{}{:012}{}"}}}})", cast_.peer_id(to), kNumberMark, number, sdp_tail_),
                            Cast::kFirstFreeAck + number);
  }
}

void Signals::on_event(Client& /*client*/, std::string_view name, std::string_view json) {
  if (name != "signal") return;
  const std::size_t mark = json.find(kNumberMark);
  std::uint64_t number = 0;
  if (mark != std::string_view::npos) std::from_chars(json.data() + mark + kNumberMark.size(), json.data() + json.size(), number);
  ++delivered_;
  if (measuring_) latencies_.push_back((steady_now() - due_[number % kRing]).count());
  send_what_has_room();
}

void Signals::on_ack(Client& /*client*/, std::uint64_t /*id*/, std::string_view json) {
  ++acked_;
  if (!is_ok(json)) {
    ++delivered_;  // it never will be
    cast_.failed(json);
  }
  send_what_has_room();
}

void Signals::send_what_has_room() {
  if (plan_.per_s > 0) return;
  while (2 * begun_ - acked_ - delivered_ < 2 * plan_.in_flight * plan_.burst) send_burst(steady_now());
}

/// At random times of the wanted frequency (a Poisson process), whatever the server does.
void Signals::send_what_is_due(Instant now) {
  while (next_at_ <= now) {
    send_burst(next_at_);
    const double uniform = static_cast<double>(net_.prng.below(1'000'000) + 1) / 1'000'000;
    next_at_ += Duration{static_cast<std::int64_t>(-std::log(uniform) * 1e6 * static_cast<double>(plan_.burst) / plan_.per_s)};
  }
}

Result<SignalsOutcome> Signals::run() {
  const Instant began = steady_now();
  next_at_ = began;
  latencies_.clear();
  const auto until = [&](Instant end) {
    for (Instant now = steady_now(); now < end; now = steady_now()) {
      if (plan_.per_s > 0) {
        send_what_is_due(now);
        net_.io.poll();
      } else {
        net_.io.run_one_for(std::chrono::milliseconds{20});
      }
    }
  };
  send_what_has_room();
  until(began + plan_.warm_up);
  const Instant from = steady_now();
  const Duration cpu_before = server_.cpu_time();
  const std::uint64_t delivered_before = delivered_;
  measuring_ = true;
  until(from + plan_.measured);
  measuring_ = false;
  SignalsOutcome outcome{.delivered = delivered_ - delivered_before, .cpu = server_.cpu_time() - cpu_before, .wall = steady_now() - from};
  if (outcome.delivered == 0) return fail("no signal arrived");
  plan_.warm_up = {};
  outcome.p50 = percentile(latencies_, 0.5);
  outcome.p99 = percentile(latencies_, 0.99);
  return outcome;
}

std::uint64_t Signals::missing(Duration patience) {
  const Instant end = steady_now() + patience;
  while (2 * begun_ > acked_ + delivered_ && steady_now() < end) net_.io.run_one_for(std::chrono::milliseconds{20});
  return begun_ - std::min(acked_, delivered_);
}

}  // namespace p2p::bench
