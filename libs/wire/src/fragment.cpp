#include "wire/fragment.hpp"

namespace p2p::wire {
namespace {

void put(Bytes& to, std::uint32_t value, int width) {
  for (int i = 0; i < width; ++i) to.push_back(static_cast<std::byte>((value >> (8 * i)) & 0xff));
}

std::uint32_t get(BytesView from, std::size_t offset, std::size_t width) {
  std::uint32_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = (value << 8) | std::to_integer<std::uint32_t>(from[offset + i]);
  return value;
}

}  // namespace

Bytes encode(const Fragment& fragment) {
  Bytes bytes;
  bytes.reserve(kFragmentHeaderBytes);
  put(bytes, fragment.rendition, 1);
  put(bytes, fragment.requested ? 1 : 0, 1);
  put(bytes, fragment.size, 2);
  put(bytes, fragment.piece, 4);
  put(bytes, fragment.offset, 2);
  put(bytes, fragment.age_ms, 2);
  return bytes;
}

std::optional<Fragment> decode_fragment(BytesView message) {
  if (message.size() <= kFragmentHeaderBytes) return std::nullopt;
  return decode_fragment(message.first(kFragmentHeaderBytes), message.size() - kFragmentHeaderBytes);
}

std::optional<Fragment> decode_fragment(BytesView message, std::size_t body) {
  if (message.size() != kFragmentHeaderBytes || body == 0) return std::nullopt;
  Fragment fragment;
  fragment.rendition = static_cast<std::uint8_t>(get(message, 0, 1));
  fragment.requested = (get(message, 1, 1) & 1) != 0;
  fragment.size = static_cast<std::uint16_t>(get(message, 2, 2));
  fragment.piece = get(message, 4, 4);
  fragment.offset = static_cast<std::uint16_t>(get(message, 8, 2));
  fragment.age_ms = static_cast<std::uint16_t>(get(message, 10, 2));
  if (fragment.rendition >= kRenditionsMax || fragment.size > kPieceBytesMax) return std::nullopt;
  if (fragment.offset >= fragment.size || body > std::size_t{fragment.size} - fragment.offset) return std::nullopt;
  return fragment;
}

}  // namespace p2p::wire
