#include "socketio/socket_server.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/check.hpp"
#include "socketio/json_text.hpp"
#include "socketio/socket_packet.hpp"

namespace p2p::socketio {
namespace {

constexpr std::size_t kArgumentsMax = 8;

// Names that the stock libraries keep for themselves; a client that sends one is not one of them.
constexpr std::array<std::string_view, 6> kReserved{"connect",       "connect_error", "disconnect",
                                                    "disconnecting", "newListener",   "removeListener"};

SocketInput acknowledged(const SocketPacket& packet) { return SocketAck{*packet.ack_id, packet.data}; }

}  // namespace

Result<SocketInput> SocketServer::handle(bool binary, std::string_view message) {
  if (binary) {
    if (attachments_left_ == 0) return fail("a binary message that nothing announced");
    if (--attachments_left_ > 0) return SocketNothing{};
    const Result<SocketPacket> packet = parse_socket_packet(awaiting_);
    CHECK(packet, "it was parsed when it came");
    if (packet->type == SocketPacketType::kBinaryAck) return acknowledged(*packet);
    return event(packet->data, packet->ack_id);
  }
  if (attachments_left_ > 0) return fail("text while attachments are awaited");
  awaiting_ = {};
  const Result<SocketPacket> packet = parse_socket_packet(message);
  if (!packet) return std::unexpected{packet.error()};
  if (packet->type == SocketPacketType::kConnect) {
    if (packet->nspace != "/") return SocketReply{connect_error_packet(packet->nspace, "Invalid namespace")};
    if (connected_) return fail("a second CONNECT");
    connected_ = true;
    return SocketConnect{packet->data};
  }
  if (!connected_ || packet->nspace != "/") return fail("a packet for a namespace that was not joined");
  switch (packet->type) {
    case SocketPacketType::kDisconnect:
      return SocketDisconnect{};
    case SocketPacketType::kEvent:
      return event(packet->data, packet->ack_id);
    case SocketPacketType::kAck:
      return acknowledged(*packet);
    case SocketPacketType::kBinaryEvent:
    case SocketPacketType::kBinaryAck:
      if (packet->attachments == 0) {
        return packet->type == SocketPacketType::kBinaryAck ? acknowledged(*packet) : event(packet->data, packet->ack_id);
      }
      awaiting_ = message;
      attachments_left_ = packet->attachments;
      return SocketNothing{};
    case SocketPacketType::kConnect:
    case SocketPacketType::kConnectError:
      break;
  }
  return fail("a packet that only servers send");
}

Result<SocketInput> SocketServer::event(std::string_view data, std::optional<std::uint64_t> ack_id) const {
  const std::optional<std::vector<std::string_view>> elements = json_elements(data, kArgumentsMax);
  if (!elements || elements->empty()) return fail("an event without a name, or with too many arguments");
  const std::string_view name = elements->front();
  if (!name.starts_with('"')) return fail("an event whose name is not a string");
  const std::string_view bare = name.substr(1, name.size() - 2);
  if (std::ranges::find(kReserved, bare) != kReserved.end()) return fail("an event with a reserved name");
  return SocketEvent{bare, elements->size() > 1 ? (*elements)[1] : std::string_view{}, ack_id};
}

}  // namespace p2p::socketio
