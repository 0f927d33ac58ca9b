#pragma once

#include <concepts>

#include "base/bytes.hpp"

/// The integers of fixed layouts.
namespace p2p::wire {

template <std::unsigned_integral Integer>
void put(Bytes& to, Integer value) {
  for (std::size_t i = 0; i < sizeof value; ++i) to.push_back(static_cast<std::byte>((value >> (8 * i)) & 0xff));
}

/// Takes the integer that `from` begins with. The caller has checked that it is there.
template <std::unsigned_integral Integer>
[[nodiscard]] Integer take(BytesView& from) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) {
    value = static_cast<Integer>(value | static_cast<Integer>(std::to_integer<Integer>(from[i]) << (8 * i)));
  }
  from = from.subspan(sizeof value);
  return value;
}

}  // namespace p2p::wire
