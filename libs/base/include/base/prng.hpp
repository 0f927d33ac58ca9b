#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace p2p {

/// Seeded random numbers, equal on every platform: xoshiro256** (Blackman and Vigna, 2018), seeded through SplitMix64.
/// Each part of the engine gets a fork of its own, so that one more draw in one part does not move the others.
///
/// Out of scope: secrets. Keys and tokens come from the driver's cryptographic generator.
class Prng {
 public:
  explicit Prng(std::uint64_t seed);

  /// An independent stream, fixed by this one's state and `label`.
  [[nodiscard]] Prng fork(std::uint64_t label);

  std::uint64_t next();

  /// Uniform in [0, bound), without the bias of a plain modulo (Lemire's method). `bound` is at least 1.
  std::uint64_t below(std::uint64_t bound);

  /// Uniform in [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high);

  /// True `numerator` times in `denominator`.
  bool chance(std::uint64_t numerator, std::uint64_t denominator) { return below(denominator) < numerator; }

  /// Fisher-Yates; std::shuffle differs between standard libraries.
  template <typename Sequence>
  void shuffle(Sequence& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[static_cast<std::size_t>(below(i))]);
  }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace p2p
