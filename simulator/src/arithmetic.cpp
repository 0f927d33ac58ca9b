#include "arithmetic.hpp"

#include <algorithm>
#include <bit>

namespace p2p::simulator {

std::int64_t square_root(std::int64_t value) {
  if (value < 2) return value;
  // Newton's, from above.
  std::int64_t guess = std::int64_t{1} << ((std::bit_width(static_cast<std::uint64_t>(value)) + 1) / 2);
  for (;;) {
    const std::int64_t next = (guess + value / guess) / 2;
    if (next >= guess) return guess;
    guess = next;
  }
}

Duration draw_exponential(Duration mean, Prng& prng) {
  // -ln(u) = ln 2 * -log2(u), the logarithm's fraction bit by bit: squaring doubles it.
  constexpr int kFractionBits = 16;
  const std::uint64_t drawn = (prng.next() >> 32) | 1;
  const int whole = 32 - static_cast<int>(std::bit_width(drawn));
  std::uint64_t mantissa = drawn << whole;  // in [2^31, 2^32)
  std::uint64_t fraction = 0;
  for (int bit = 0; bit < kFractionBits; ++bit) {
    mantissa = (mantissa >> 1) * (mantissa >> 1) >> 29;
    fraction <<= 1;
    if (mantissa >> 32 != 0) {
      fraction |= 1;
      mantissa >>= 1;
    }
  }
  const std::int64_t minus_log2 = (std::int64_t{whole} + 1) * (1 << kFractionBits) - static_cast<std::int64_t>(fraction);
  constexpr std::int64_t kLn2 = 45'426;  // ln 2 * 2^16
  const std::int64_t in_means = std::min<std::int64_t>((minus_log2 * kLn2) >> kFractionBits, std::int64_t{15} << kFractionBits);
  return Duration{(mean.count() / 1000 * in_means >> kFractionBits) * 1000};
}

std::uint64_t mixed(std::uint64_t seed, std::uint64_t a, std::uint64_t b) {
  std::uint64_t z = seed ^ (a * 0x9e3779b97f4a7c15) ^ std::rotl(b * 0xbf58476d1ce4e5b9, 31);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

Duration time_on_line(std::int64_t bytes, std::int64_t bits_per_s) { return Duration{bytes * 8'000'000 / bits_per_s}; }

}  // namespace p2p::simulator
