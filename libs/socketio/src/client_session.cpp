#include "socketio/client_session.hpp"

#include <vector>

#include "socketio/json_text.hpp"
#include "socketio/socket_packet.hpp"

namespace p2p::socketio {
namespace {

constexpr std::size_t kArgumentsMax = 8;

}  // namespace

Result<ClientInput> ClientSession::handle(std::string_view message, Instant now) {
  const Result<EnginePacket> packet = parse_engine_packet(message);
  if (!packet) return std::unexpected{packet.error()};
  if (!opening_) {
    if (packet->type != EnginePacketType::kOpen) return fail("the server did not open a session");
    const Result<EngineOpening> opening = parse_engine_opening(packet->data);
    if (!opening) return std::unexpected{opening.error()};
    opening_ = *opening;
    silent_until_ = now + opening_->ping_interval + opening_->ping_timeout;
    return ClientReply{connect_packet("")};
  }
  silent_until_ = now + opening_->ping_interval + opening_->ping_timeout;
  switch (packet->type) {
    case EnginePacketType::kPing:
      return ClientReply{engine_packet(EnginePacketType::kPong, packet->data)};
    case EnginePacketType::kClose:
      return ClientEnded{};
    case EnginePacketType::kNoop:
      return ClientNothing{};
    case EnginePacketType::kMessage:
      return packet->binary ? fail("a binary message that nothing announced") : handle_message(packet->data);
    case EnginePacketType::kOpen:
    case EnginePacketType::kPong:
    case EnginePacketType::kUpgrade:
      break;
  }
  return fail("a packet that only clients send");
}

Result<ClientInput> ClientSession::handle_message(std::string_view text) {
  const Result<SocketPacket> packet = parse_socket_packet(text);
  if (!packet) return std::unexpected{packet.error()};
  if (packet->nspace != "/" || packet->attachments > 0) return fail("a packet for a namespace that was not joined, or with attachments");
  switch (packet->type) {
    case SocketPacketType::kConnect:
      if (connected_) return fail("a second CONNECT");
      connected_ = true;
      return ClientConnected{};
    case SocketPacketType::kDisconnect:
      return ClientEnded{};
    case SocketPacketType::kConnectError:
      return ClientEnded{packet->data};
    case SocketPacketType::kEvent:
    case SocketPacketType::kBinaryEvent:
    case SocketPacketType::kAck:
    case SocketPacketType::kBinaryAck:
      break;
  }
  if (!connected_) return fail("an event before the session was joined");
  const std::optional<std::vector<std::string_view>> elements = json_elements(packet->data, kArgumentsMax);
  if (!elements) return fail("too many arguments");
  if (packet->type == SocketPacketType::kAck || packet->type == SocketPacketType::kBinaryAck) {
    return ClientAck{*packet->ack_id, elements->empty() ? std::string_view{} : elements->front()};
  }
  if (elements->empty() || !elements->front().starts_with('"')) return fail("an event without a name");
  const std::string_view name = elements->front().substr(1, elements->front().size() - 2);
  return ClientEvent{name, elements->size() > 1 ? (*elements)[1] : std::string_view{}};
}

}  // namespace p2p::socketio
