#include "wire/fragment.hpp"

#include "little_endian.hpp"

namespace p2p::wire {

Bytes encode(const Fragment& fragment) {
  Bytes bytes;
  bytes.reserve(kFragmentHeaderBytes);
  put(bytes, fragment.rendition);
  put(bytes, static_cast<std::uint8_t>(fragment.requested ? 1 : 0));
  put(bytes, fragment.size);
  put(bytes, fragment.piece);
  put(bytes, fragment.offset);
  put(bytes, fragment.age_ms);
  return bytes;
}

std::optional<Fragment> decode_fragment(BytesView message) {
  if (message.size() <= kFragmentHeaderBytes) return std::nullopt;
  return decode_fragment(message.first(kFragmentHeaderBytes), message.size() - kFragmentHeaderBytes);
}

std::optional<Fragment> decode_fragment(BytesView message, std::size_t body) {
  if (message.size() != kFragmentHeaderBytes || body == 0) return std::nullopt;
  Fragment fragment;
  fragment.rendition = take<std::uint8_t>(message);
  fragment.requested = (take<std::uint8_t>(message) & 1) != 0;
  fragment.size = take<std::uint16_t>(message);
  fragment.piece = take<std::uint32_t>(message);
  fragment.offset = take<std::uint16_t>(message);
  fragment.age_ms = take<std::uint16_t>(message);
  if (fragment.rendition >= kRenditionsMax || fragment.size > kPieceBytesMax) return std::nullopt;
  if (fragment.offset >= fragment.size || body > std::size_t{fragment.size} - fragment.offset) return std::nullopt;
  return fragment;
}

}  // namespace p2p::wire
