#include "simulator/random_world.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "arithmetic.hpp"

namespace p2p::simulator {
namespace {

Fault draw_fault(Prng& prng, Duration from, Duration until) {
  Fault fault;
  fault.kind = static_cast<Fault::Kind>(prng.below(8));
  fault.at = std::chrono::milliseconds{prng.between(from / 1ms, until / 1ms)};
  fault.length = std::chrono::milliseconds{prng.between(200, (until - fault.at) / 1ms + 200)};
  fault.percent = static_cast<std::uint32_t>(prng.between(5, 60));
  switch (fault.kind) {
    case Fault::Kind::kLoss: fault.amount = static_cast<std::uint32_t>(prng.between(10, 200)); break;         // per mille
    case Fault::Kind::kSlowUpload: fault.amount = static_cast<std::uint32_t>(prng.between(1, 60)); break;     // percent
    case Fault::Kind::kScramble: fault.amount = static_cast<std::uint32_t>(prng.between(10, 500)); break;     // per mille
    default: break;
  }
  return fault;
}

}  // namespace

World random_world(std::uint64_t seed) {
  Prng prng{mixed(seed, 0x77, 0)};
  World world;
  world.viewers = static_cast<std::uint32_t>(prng.between(2, 9));
  world.viewers_before = static_cast<std::uint32_t>(prng.below(world.viewers));
  world.arrivals = std::chrono::milliseconds{prng.between(0, 5'000)};
  world.stay_mean = prng.chance(1, 3) ? Duration{std::chrono::seconds{prng.between(20, 120)}} : 0s;
  world.silent_leave_percent = static_cast<std::uint32_t>(prng.between(0, 100));
  world.bits_per_s = prng.between(300'000, 1'500'000);
  world.part = std::chrono::milliseconds{100 * prng.between(1, 2)};
  world.segment = 2s;
  world.uploads = {{1, prng.between(2'000'000, 6'000'000)}, {1, prng.between(5'000'000, 20'000'000)}};
  world.latency_min = std::chrono::milliseconds{prng.between(1, 20)};
  world.latency_max = world.latency_min + std::chrono::milliseconds{prng.between(1, 80)};
  world.loss_ppm_max = static_cast<std::uint32_t>(prng.between(0, 5'000));
  world.chromium_percent = static_cast<std::uint32_t>(prng.between(0, 100));
  world.dial_failure_percent = static_cast<std::uint32_t>(prng.between(0, 20));
  world.clock_drift_ppm_max = static_cast<std::uint32_t>(prng.between(0, 1'000));
  constexpr Duration kCalm = 8s;
  constexpr Duration kBroken = 12s;
  Duration last = kCalm;
  const std::int64_t faults = prng.between(1, 4);
  for (std::int64_t i = 0; i < faults; ++i) {
    world.faults.push_back(draw_fault(prng, kCalm, kCalm + kBroken));
    last = std::max(last, world.faults.back().at + world.faults.back().length);
  }
  // A boaster cannot turn honest: its engine was told of an upload that it never had.
  constexpr std::array kVices{Vice::kCorrupt, Vice::kWithhold, Vice::kSurround, Vice::kFlood, Vice::kFreeload};
  if (prng.chance(1, 4)) world.vices.push_back({kVices[static_cast<std::size_t>(prng.below(kVices.size()))], 15});
  world.vices_until = last;
  world.measured_from = last + kRecoveryTime;
  world.length = world.measured_from + 10s;
  return world;
}

std::string why_not_recovered(const Figures& figures) {
  if (figures.bad_pieces_played > 0) return std::to_string(figures.bad_pieces_played) + " bad parts were played";
  if (figures.bad_pieces_relayed > 0) return std::to_string(figures.bad_pieces_relayed) + " bad pieces were relayed by honest peers";
  if (figures.playing_at_end < 1) {
    const auto percent = std::lround((1 - figures.playing_at_end) * 100);
    return std::to_string(percent) + " % of the viewers do not play again";
  }
  return {};
}

}  // namespace p2p::simulator
