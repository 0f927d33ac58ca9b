#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/payload.hpp"
#include "base/time.hpp"

/// A function that JavaScript calls.
#define P2P_EXPORT(name) extern "C" __attribute__((export_name(#name), visibility("default")))

namespace p2p::abi {

/// Times cross as microseconds in a double: exact up to 285 years.
inline Instant instant(double us) { return Instant{Duration{static_cast<std::int64_t>(us)}}; }
inline Duration duration(double us) { return Duration{static_cast<std::int64_t>(us)}; }
inline double microseconds(Duration d) { return static_cast<double>(d.count()); }

/// The bytes that JavaScript wrote for the next call (buffer_new); handed over once.
Bytes take_buffer();

/// Where results lie that are more than a number: `size` bytes at `data`, until the next call.
struct View {
  std::uint32_t data = 0;
  std::uint32_t size = 0;
};

inline View view_of(BytesView bytes) {
  return {static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(bytes.data())), static_cast<std::uint32_t>(bytes.size())};
}

}  // namespace p2p::abi
