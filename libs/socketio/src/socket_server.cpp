#include "socketio/socket_server.hpp"

#include "base/check.hpp"

namespace p2p::socketio {
const SocketServer::Options& SocketServer::main_only() {
  static const Options options;
  return options;
}

std::uint32_t SocketServer::bit_of(std::string_view nspace) const {
  CHECK(options_->namespaces.size() <= kNamespacesMax, "more namespaces than the set of those that are joined holds");
  for (std::size_t i = 0; i < options_->namespaces.size(); ++i) {
    if (options_->namespaces[i] == nspace) return std::uint32_t{1} << i;
  }
  return 0;
}

bool SocketServer::connected(std::string_view nspace) const { return (joined_ & bit_of(nspace)) != 0; }

void SocketServer::leave(std::string_view nspace) { joined_ &= ~bit_of(nspace); }

Result<SocketInput> SocketServer::handle(bool binary, std::string_view message) {
  if (binary) return handle_attachment(message);
  if (awaiting_) {
    if (!awaiting_->complete()) return fail("text while attachments are awaited");
    awaiting_.reset();
  }
  const Result<SocketPacket> packet = parse_socket_packet(message);
  if (!packet) return std::unexpected{packet.error()};
  if (packet->type == SocketPacketType::kConnect) return handle_connect(*packet);
  const std::uint32_t bit = bit_of(packet->nspace);
  if ((joined_ & bit) == 0) return fail("a packet for a namespace that was not joined");
  switch (packet->type) {
    case SocketPacketType::kDisconnect:
      joined_ &= ~bit;
      return SocketDisconnect{packet->nspace};
    case SocketPacketType::kEvent:
    case SocketPacketType::kAck:
      return deliver(*packet, {});
    case SocketPacketType::kBinaryEvent:
    case SocketPacketType::kBinaryAck:
      if (!placeholders_fit(packet->data, packet->attachments)) return fail("a placeholder that no attachment fills");
      if (packet->attachments == 0) return deliver(*packet, {});
      awaiting_ = std::make_unique<SocketAttachments>(message, packet->attachments);
      return SocketNothing{};
    case SocketPacketType::kConnect:
    case SocketPacketType::kConnectError:
      break;
  }
  return fail("a packet that only servers send");
}

Result<SocketInput> SocketServer::handle_connect(const SocketPacket& packet) {
  const std::uint32_t bit = bit_of(packet.nspace);
  if (bit == 0) return SocketReply{connect_error_packet(packet.nspace, "Invalid namespace")};
  if ((joined_ & bit) != 0) return fail("a second CONNECT");
  joined_ |= bit;
  return SocketConnect{packet.nspace, packet.data};
}

Result<SocketInput> SocketServer::handle_attachment(std::string_view bytes) {
  if (!awaiting_) return fail("a binary message that nothing announced");
  const bool kept = awaiting_->announced() <= options_->attachments_kept_max;
  if (Result<void> added = awaiting_->add(bytes, kept ? options_->attachment_bytes_max : 0); !added) return std::unexpected{added.error()};
  if (!awaiting_->complete()) return SocketNothing{};
  const Result<SocketPacket> packet = parse_socket_packet(awaiting_->text());
  CHECK(packet, "it was parsed when it came");
  // Sent away meanwhile: the rest of what was under way is nobody's fault.
  if (!connected(packet->nspace)) return SocketNothing{};
  return deliver(*packet, awaiting_->all());
}

Result<SocketInput> SocketServer::deliver(const SocketPacket& packet, std::span<const std::string> attachments) const {
  if (packet.type == SocketPacketType::kAck || packet.type == SocketPacketType::kBinaryAck) {
    return SocketAck{packet.nspace, *packet.ack_id, packet.data, attachments};
  }
  const Result<SocketArguments> arguments = parse_event_arguments(packet.data, options_->arguments_max);
  if (!arguments) return std::unexpected{arguments.error()};
  return SocketEvent{.nspace = packet.nspace,
                     .name = arguments->name,
                     .json = arguments->first,
                     .arguments = arguments->all,
                     .ack_id = packet.ack_id,
                     .attachments = attachments};
}

}  // namespace p2p::socketio
