#pragma once

#include <chrono>
#include <cstdint>

namespace p2p::app {

/// With which a source begins to count.
struct FirstNumbers {
  std::uint32_t segment = 0;
  std::uint32_t piece = 0;
};

/// Of a program that may be the second one with its key: what it counts has to be beyond what viewers have of the first, which it does not
/// know. So the clock counts: a segment a second (they are longer) and 256 pieces a second, which is 25 Mbit/s. It begins anew each twelve
/// days; a program that takes over from another in that very moment is not understood by those who watch, until they reload.
[[nodiscard]] inline FirstNumbers first_numbers(std::chrono::system_clock::time_point now) {
  constexpr std::uint32_t kPeriodS = 1u << 20;
  constexpr std::uint32_t kPiecesPerS = 256;
  const auto seconds = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
  const auto base = static_cast<std::uint32_t>(seconds % kPeriodS);
  return {.segment = base, .piece = base * kPiecesPerS};
}

}  // namespace p2p::app
