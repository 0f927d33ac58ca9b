#pragma once

#include <cstddef>

namespace p2p {

/// Has the processor fetch these bytes from memory while it goes on. A hint: the bytes need not exist.
inline void prefetch(const void* begin, std::size_t bytes) {
  constexpr std::size_t kCacheLine = 64;
  const auto* at = static_cast<const char*>(begin);
  for (std::size_t offset = 0; offset < bytes; offset += kCacheLine) __builtin_prefetch(at + offset);
}

}  // namespace p2p
