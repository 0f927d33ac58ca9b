#pragma once

#include <cstddef>
#include <cstdint>

namespace p2p {

/// Has the processor fetch these bytes from memory while it goes on. A hint: the bytes need not exist.
inline void prefetch(const void* begin, std::size_t bytes) {
  constexpr std::size_t kCacheLine = 64;
  // As a number: there may be nothing at all.
  const auto at = reinterpret_cast<std::uintptr_t>(begin);
  for (std::size_t offset = 0; offset < bytes; offset += kCacheLine) __builtin_prefetch(reinterpret_cast<const void*>(at + offset));  // NOLINT
}

}  // namespace p2p
