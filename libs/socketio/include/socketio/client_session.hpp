#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/error.hpp"
#include "base/time.hpp"
#include "socketio/engine_packet.hpp"
#include "socketio/socket_packet.hpp"

namespace p2p::socketio {

/// The session is joined: events may be sent.
struct ClientConnected {
  std::string_view sid;    ///< the session's public id; empty if the server gave none
  bool recovered = false;  ///< it is the one that ClientRecovery named: what was missed follows
};
struct ClientEvent {
  std::string_view name;
  std::string_view json;       ///< the first argument; empty if there was none
  std::string_view arguments;  ///< all of them, with commas between
  std::optional<std::uint64_t> ack_id;       ///< the server wants an acknowledgement
  std::span<const std::string> attachments;  ///< what the placeholders among the arguments stand for
};
struct ClientAck {
  std::uint64_t id;
  std::string_view json;  ///< the first argument; empty if there was none
  std::string_view arguments;
  std::span<const std::string> attachments;
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

/// What a session that lost its transport hands to the next one (recovery.hpp). `pid` is a secret.
struct ClientRecovery {
  std::string pid;
  std::string offset;
};

/// A client's side of Engine.IO and Socket.IO over one WebSocket and in one namespace: give it each message, do what it says. Events are
/// written with event_packet (socket_packet.hpp). An error means that the other side is no such server.
///
/// Out of scope: polling and the upgrade from it (a client that can open a WebSocket needs neither), several namespaces over one
/// connection, reconnection.
class ClientSession {
 public:
  struct Options {
    /// The server must speak within this span; afterwards within ping interval plus ping timeout, as it told us.
    Duration opening_timeout = 10s;
    std::string nspace{kMainNamespace};
    std::string auth;  ///< a JSON object for the server, or empty; not together with `recovery`
    std::optional<ClientRecovery> recovery = {};
    std::size_t attachment_bytes_max = 0;  ///< of one packet's together; 0: a packet with attachments is an error
  };

  explicit ClientSession(Instant now) : ClientSession{now, Options{}} {}
  ClientSession(Instant now, Options options) : options_{std::move(options)}, silent_until_{now + options_.opening_timeout} {}

  /// A text message. What the result shows lies in `message`, or in this object until the next call.
  [[nodiscard]] Result<ClientInput> handle(std::string_view message, Instant now);
  /// A binary message.
  [[nodiscard]] Result<ClientInput> handle_binary(std::string_view bytes, Instant now);

  /// When the server counts as gone, unless it speaks before.
  [[nodiscard]] Instant silent_until() const { return silent_until_; }
  /// The largest message that the server takes; 0 before it said so.
  [[nodiscard]] std::size_t bytes_max() const { return opening_ ? opening_->bytes_max : 0; }
  /// How to come back; nothing if the server offers no recovery, or sent no event yet.
  [[nodiscard]] std::optional<ClientRecovery> recovery() const;

 private:
  void heard(Instant now) { silent_until_ = now + opening_->ping_interval + opening_->ping_timeout; }
  [[nodiscard]] std::string connect_request() const;
  [[nodiscard]] Result<ClientInput> handle_message(std::string_view text);
  [[nodiscard]] ClientInput connected(std::string_view json);
  [[nodiscard]] Result<ClientInput> deliver(const SocketPacket& packet, std::span<const std::string> attachments);
  void note_offset(std::string_view arguments);

  Options options_;
  std::optional<EngineOpening> opening_;
  std::unique_ptr<SocketAttachments> awaiting_;
  std::string pid_;
  std::string offset_;
  Instant silent_until_;
  bool connected_ = false;
};

}  // namespace p2p::socketio
