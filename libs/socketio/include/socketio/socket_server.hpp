#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"

namespace p2p::socketio {

/// The client asked to join the namespace `/`: answer with connect_packet and a session id.
struct SocketConnect {
  std::string_view auth;  ///< a JSON object, or empty
};
struct SocketEvent {
  std::string_view name;   ///< as in the text: a name with escapes keeps them, and so matches no name of ours
  std::string_view json;   ///< the first argument; empty if there was none
  std::optional<std::uint64_t> ack_id;
};
struct SocketAck {
  std::uint64_t id;
  std::string_view json;  ///< the array of arguments
};
struct SocketDisconnect {};
/// Send this packet back (a refusal).
struct SocketReply {
  std::string packet;
};
struct SocketNothing {};

using SocketInput = std::variant<SocketNothing, SocketConnect, SocketEvent, SocketAck, SocketDisconnect, SocketReply>;

/// One client's Socket.IO session, server side, namespace `/` only.
///
/// Always holds: no event before SocketConnect; exactly one SocketConnect. An error means that the client broke the protocol
/// as the stock server understands it, and that the connection is to be closed.
class SocketServer {
 public:
  /// An Engine.IO message. What the result shows lies in `message`, except after attachments, where it lies in this object
  /// until the next call.
  [[nodiscard]] Result<SocketInput> handle(bool binary, std::string_view message);

  [[nodiscard]] bool connected() const { return connected_; }

 private:
  [[nodiscard]] Result<SocketInput> event(std::string_view data, std::optional<std::uint64_t> ack_id) const;

  std::string awaiting_;  // the text of a binary packet whose attachments are still to come
  std::uint32_t attachments_left_ = 0;
  bool connected_ = false;
};

}  // namespace p2p::socketio
