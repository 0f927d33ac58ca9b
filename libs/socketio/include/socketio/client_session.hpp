#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"
#include "base/time.hpp"
#include "socketio/engine_packet.hpp"

namespace p2p::socketio {

/// The session is joined: events may be sent.
struct ClientConnected {};
struct ClientEvent {
  std::string_view name;
  std::string_view json;  ///< the first argument; empty if there was none
};
struct ClientAck {
  std::uint64_t id;
  std::string_view json;  ///< the first argument; empty if there was none
};
/// Send this packet to the server.
struct ClientReply {
  std::string packet;
};
/// The server ended the session, or refused it; `why` is empty if it did not say.
struct ClientEnded {
  std::string_view why;
};
struct ClientNothing {};

using ClientInput = std::variant<ClientNothing, ClientConnected, ClientEvent, ClientAck, ClientReply, ClientEnded>;

/// A client's side of Engine.IO and Socket.IO over one WebSocket (namespace `/`): give it each text message, do what it says.
/// Events are written with event_packet (socket_packet.hpp). An error means that the other side is no such server.
///
/// Out of scope: polling and the upgrade from it (a client that can open a WebSocket needs neither), reconnection.
class ClientSession {
 public:
  /// The server must speak within this span; afterwards within ping interval plus ping timeout, as it told us.
  explicit ClientSession(Instant now, Duration opening_timeout = 10s) : silent_until_{now + opening_timeout} {}

  [[nodiscard]] Result<ClientInput> handle(std::string_view message, Instant now);

  /// When the server counts as gone, unless it speaks before.
  [[nodiscard]] Instant silent_until() const { return silent_until_; }
  /// The largest message that the server takes; 0 before it said so.
  [[nodiscard]] std::size_t bytes_max() const { return opening_ ? opening_->bytes_max : 0; }

 private:
  [[nodiscard]] Result<ClientInput> handle_message(std::string_view text);

  std::optional<EngineOpening> opening_;
  Instant silent_until_;
  bool connected_ = false;
};

}  // namespace p2p::socketio
