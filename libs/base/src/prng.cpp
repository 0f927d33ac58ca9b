#include "base/prng.hpp"

#include <bit>

#include "base/check.hpp"

namespace p2p {
namespace {

std::uint64_t split_mix(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

struct Product {
  std::uint64_t high;
  std::uint64_t low;
};

// 64 x 64 -> 128 bits from 32-bit halves: __int128 is not in the language that both targets share.
Product multiply(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t a_low = a & 0xffffffff, a_high = a >> 32;
  const std::uint64_t b_low = b & 0xffffffff, b_high = b >> 32;
  const std::uint64_t low = a_low * b_low;
  const std::uint64_t middle = a_high * b_low + (low >> 32);
  const std::uint64_t middle2 = a_low * b_high + (middle & 0xffffffff);
  return {a_high * b_high + (middle >> 32) + (middle2 >> 32), (middle2 << 32) | (low & 0xffffffff)};
}

}  // namespace

Prng::Prng(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = split_mix(seed);
}

Prng Prng::fork(std::uint64_t label) { return Prng{next() ^ (label * 0x9e3779b97f4a7c15)}; }

std::uint64_t Prng::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Prng::below(std::uint64_t bound) {
  CHECK(bound > 0, "nothing lies below zero");
  Product product = multiply(next(), bound);
  if (product.low < bound) {
    const std::uint64_t threshold = (0 - bound) % bound;
    while (product.low < threshold) product = multiply(next(), bound);
  }
  return product.high;
}

std::int64_t Prng::between(std::int64_t low, std::int64_t high) {
  CHECK(low <= high, "an empty range");
  const auto span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  const std::uint64_t drawn = span == UINT64_MAX ? next() : below(span + 1);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + drawn);
}

}  // namespace p2p
