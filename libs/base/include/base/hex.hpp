#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/ids.hpp"

namespace p2p {

/// Lower case, two digits a byte.
[[nodiscard]] std::string to_hex(BytesView bytes);

/// Nothing when the length is odd or a character is no hex digit.
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view text);

/// 16 lower-case digits, as in every message and log.
[[nodiscard]] std::string to_text(PeerId id);

/// Exactly 16 lower-case hex digits, else nothing: one id has one spelling.
[[nodiscard]] std::optional<PeerId> parse_peer_id(std::string_view text);

}  // namespace p2p
