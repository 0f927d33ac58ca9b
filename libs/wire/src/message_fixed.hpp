#pragma once

#include "wire/message.hpp"

/// Have and Status, most of what neighbors say, have fixed layouts: their FlatBuffers were two and three times as large. Little endian:
///
///     Have              3, have, bits
///     Status            5, status
///     Have with Status  7, have, status, bits
///     have              rendition (1), queue (2), oldest (4), base (4), clock (4), echo (4)
///     status            rendition (1), role and 4 for giving (1), slots (2), slots free (2), gives (4), full below (4),
///                       number of stripes (1), each: delay (2), hop (1), wanted (1)
///
/// The first byte is odd; an Envelope begins with an offset of four bytes that is a multiple of four.
namespace p2p::wire {

[[nodiscard]] bool has_fixed_layout(BytesView message);
/// Of a message for which has_fixed_layout() holds.
[[nodiscard]] Result<Message> decode_fixed(BytesView message);

[[nodiscard]] Bytes encode_fixed(const Have& have);
[[nodiscard]] Bytes encode_fixed(const Status& status);

}  // namespace p2p::wire
