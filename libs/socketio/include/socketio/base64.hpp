#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

/// Base64 with padding (RFC 4648 section 4): how bytes travel in an HTTP body, and in the WebSocket handshake.
namespace p2p::socketio {

[[nodiscard]] std::string to_base64(BytesView bytes);

/// Nothing if `text` is not the one way to write its bytes: padded to a multiple of four, no other characters, no bits left over.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace p2p::socketio
