#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace p2p {

using Bytes = std::vector<std::byte>;
using BytesView = std::span<const std::byte>;

inline BytesView as_bytes(std::string_view text) { return std::as_bytes(std::span{text.data(), text.size()}); }

inline std::string_view as_text(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline void append(Bytes& to, BytesView more) { to.insert(to.end(), more.begin(), more.end()); }

/// Appends an integer in network byte order, as ISO BMFF and RTMP want it.
template <std::unsigned_integral Integer>
void append_big_endian(Bytes& to, Integer value, std::size_t width = sizeof(Integer)) {
  for (std::size_t i = width; i-- > 0;) to.push_back(static_cast<std::byte>((value >> (8 * i)) & 0xff));
}

/// Reads `width` bytes at `offset` in network byte order. The caller has checked that they are there.
inline std::uint64_t read_big_endian(BytesView from, std::size_t offset, std::size_t width) {
  std::uint64_t value = 0;
  for (const std::byte b : from.subspan(offset, width)) value = (value << 8) | std::to_integer<std::uint64_t>(b);
  return value;
}

}  // namespace p2p
