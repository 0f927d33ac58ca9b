#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/payload.hpp"
#include "wire/limits.hpp"

namespace p2p::wire {

/// Opens a message of the pieces channel: which bytes of which piece follow. Fixed layout, little endian: rendition (1), flags (1),
/// size of the whole piece (2), piece (4), offset (2), age (2).
struct Fragment {
  std::uint8_t rendition = 0;
  bool requested = false;         ///< flags bit 0: answers a Request
  std::uint16_t size = 0;         ///< of the whole piece, 1 to kPieceBytesMax
  std::uint32_t piece = 0;
  std::uint16_t offset = 0;       ///< of these bytes in the piece
  std::uint16_t age_ms = 0;       ///< since the source made the part, as the sender left it: clocks need not agree
};

[[nodiscard]] Bytes encode(const Fragment& fragment);

/// Nothing when the message is no fragment within the limits: bytes beyond the piece, none at all, or a piece too large.
[[nodiscard]] std::optional<Fragment> decode_fragment(BytesView message);
/// The same when the bytes lie elsewhere: `header` is just that, `body_bytes` follow it.
[[nodiscard]] std::optional<Fragment> decode_fragment(BytesView header, std::size_t body_bytes);

}  // namespace p2p::wire
