#pragma once

#include <string>
#include <string_view>

namespace p2p::socketio {

/// `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key` (RFC 6455 section 4.2.2).
[[nodiscard]] std::string websocket_accept(std::string_view key);

/// Whether a client's `Sec-WebSocket-Key` is 16 bytes in base64.
[[nodiscard]] bool is_websocket_key(std::string_view key);

}  // namespace p2p::socketio
