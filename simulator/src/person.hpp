#pragma once

#include <cstdint>

#include "base/ids.hpp"
#include "base/prng.hpp"
#include "base/time.hpp"
#include "simulator/world.hpp"

namespace p2p::simulator {

/// Who takes part and with what: drawn from the world and a seed alone, so that another policy meets the same people.
struct Person {
  PeerId id;
  std::int64_t x = 0, y = 0;             ///< in a square with sides of kSide
  std::int64_t upload_bits_per_s = 0;
  std::int64_t download_bits_per_s = 0;
  bool download_changes = false;         ///< begins with the lower of the two, or ...
  bool download_begins_high = false;     ///< ... with the higher
  std::uint32_t network = 0;             ///< of neighboring addresses
  Nat nat = Nat::kOpen;
  bool chromium = false;
  Vice vice = Vice::kNone;
  Duration stay{};                       ///< 0: to the end
  bool silent_leave = false;
  Duration clock_offset{};
  std::int64_t clock_drift_ppm = 0;
  Duration first_link_extra{};
  std::uint32_t loss_ppm = 0;            ///< of this line, where people are given one by one

  static constexpr std::int64_t kSide = 1'000'000;
  static constexpr std::int64_t kDiagonal = 1'414'213;
};

[[nodiscard]] Person draw_source(const World& world, std::uint64_t seed);
[[nodiscard]] Person draw_viewer(const World& world, std::uint64_t seed, std::uint32_t number);

/// One way, by distance.
[[nodiscard]] Duration latency_between(const World& world, const Person& a, const Person& b);
/// To the middle of the square, where the servers are.
[[nodiscard]] Duration latency_to_middle(const World& world, const Person& person);

[[nodiscard]] bool needs_relay(Nat a, Nat b);

}  // namespace p2p::simulator
