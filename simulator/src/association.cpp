#include "association.hpp"

#include <algorithm>

#include "arithmetic.hpp"
#include "network.hpp"

namespace p2p::simulator {
namespace {

constexpr std::int64_t kRateFactor = 9470;
constexpr std::int64_t kLineRateMax = 1'000'000'000;
constexpr std::int64_t kSwingPercent = 50;
constexpr std::int64_t kWindowAfterLossMin = 4;   ///< RFC 9260, 7.2.3
constexpr int kSlowRoundTrips = 5;   ///< then the window is 32 packets again

}  // namespace

Association::Association(const World& world, const Path& path) : path_{path} { set_loss(world, path.loss_ppm); }

void Association::set_loss(const World& world, std::uint32_t loss_ppm) {
  path_.loss_ppm = loss_ppm;
  const std::int64_t rtt_us = std::max<std::int64_t>(2 * path_.one_way.count(), 500);
  std::int64_t rate = kLineRateMax;
  rate = std::min(rate, world.tuned_bits_per_rtt * 1'000'000 / rtt_us);
  if (path_.to_chromium) rate = std::min(rate, world.chromium_bits_per_inverse_rtt * 1'000'000 / rtt_us * 1'000'000 / rtt_us);
  window_bytes_ = std::int64_t{path_.from_chromium ? world.window_packets_chromium : world.window_packets_tuned} * kPacketBytes;
  if (loss_ppm > 0) {
    const std::int64_t root_millionths = square_root(std::int64_t{loss_ppm} * 1'000'000);
    const std::int64_t c_percent = path_.from_chromium ? world.rate_percent_chromium : world.rate_percent_tuned;
    rate = std::min(rate, c_percent * kRateFactor * 10'000'000'000 / rtt_us * 1'000 / root_millionths / 1'000);
    // 1.25/sqrt(p) packets; without loss the window at hand.
    window_bytes_ = std::min(window_bytes_ * 4, 1'250'000 * kPacketBytes / root_millionths);
    // From loss to loss: 1/p packets at a window a round trip.
    swing_length_ = Duration{std::min<std::int64_t>(rtt_us * 800'000 / root_millionths, 20'000'000)};
  } else {
    swing_percent_ = 100;
    swing_until_ = kNever;
  }
  if (loss_ppm > 0) swing_until_ = Instant{};
  rate_bits_per_s_ = std::max<std::int64_t>(rate, 10'000);
}

void Association::set_way(const World& world, Duration one_way, std::uint32_t loss_ppm) {
  path_.one_way = one_way;
  set_loss(world, loss_ppm);
}

Instant Association::admit(std::int64_t bytes, bool control, Duration line_wait, Instant now, Prng& prng) {
  if (now >= swing_until_) {
    swing_percent_ = prng.between(100 - kSwingPercent, 100 + kSwingPercent);
    swing_until_ = now + swing_length_;
  }
  std::int64_t rate = std::max<std::int64_t>(rate_bits_per_s_ * swing_percent_ / 100, 1);
  std::int64_t window_bytes = window_bytes_;
  const Duration rtt = std::max<Duration>(2 * path_.one_way, 500us);
  if (slow_from_ != kNever) {
    const Duration since = std::max<Duration>(now - slow_from_, {});
    const auto trips = since / (rtt + line_wait);
    if (trips >= kSlowRoundTrips) {
      slow_from_ = kNever;
    } else {
      window_bytes = std::min(window_bytes, kPacketBytes << trips);
      rate = std::min(rate, window_bytes * 8'000'000 / (rtt / 1us));
    }
  }
  const Duration cost = time_on_line(bytes, rate) * ((rtt + line_wait) / 1us) / (rtt / 1us);
  const Duration at_once = time_on_line(window_bytes, slow_from_ == kNever ? rate_bits_per_s_ : rate);
  paid_until_ = std::max(paid_until_, now) + cost;
  return control ? now : std::max(now, paid_until_ - at_once);
}

Duration Association::delays(const World& world, std::int64_t bytes, Prng& prng) {
  const Duration rtt = 2 * path_.one_way;
  Duration more{};
  if (path_.from_chromium) {
    const std::int64_t packets = packets_of(std::min<std::int64_t>(bytes, world.message_bytes));
    more += rtt * ((packets - 1) / std::max<std::int64_t>(world.chromium_flight_packets, 1));
  }
  if (path_.loss_ppm == 0) return more;
  // A piece of ten packets: a round trip with 1-(1-p)^10, a time-out with about 3p.
  const std::int64_t packets = packets_of(bytes);
  // usrsctp lets a window grow only while all of it is used, which a stream of pieces does not: what losses take stays away.
  if (!path_.from_chromium) {
    if (native_window_ == 0) native_window_ = world.window_packets_tuned;
    more += rtt * ((packets - 1) / native_window_);
    if (packets >= native_window_) ++native_window_;
  }
  const auto drawn = static_cast<std::int64_t>(prng.below(1'000'000));
  const std::int64_t lost = std::min<std::int64_t>(packets * path_.loss_ppm, 900'000);
  if (drawn < lost) native_window_ = std::max(native_window_ / 2, kWindowAfterLossMin);
  if (drawn < lost * 3 / 10) return more + std::max(path_.from_chromium ? world.rto_chromium : world.rto_tuned, 2 * rtt);
  return drawn < lost ? more + rtt : more;
}

void Association::sent(std::int64_t bytes, Duration line_wait, Instant now) {
  if (now >= flight_until_) {
    flight_before_ = now < flight_until_ + flight_length_ ? flight_ : 0;
    flight_ = 0;
    flight_length_ = 2 * path_.one_way + line_wait;
    flight_until_ = now + flight_length_;
  }
  flight_ += bytes;
}

Duration Association::dropped_at_home(const World& world, Duration line_wait, Instant now) {
  const Duration again = std::max(path_.from_chromium ? world.rto_chromium : world.rto_tuned, 2 * path_.one_way + line_wait);
  slow_from_ = now + again;
  return again;
}

}  // namespace p2p::simulator
