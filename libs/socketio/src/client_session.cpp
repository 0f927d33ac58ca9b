#include "socketio/client_session.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "socketio/json_text.hpp"

namespace p2p::socketio {
namespace {

constexpr std::size_t kArgumentsMax = 64;
constexpr std::size_t kOffsetBytesMax = 128;  // an offset that we would have to send back
constexpr std::size_t kPidBytesMax = 256;

}  // namespace

Result<ClientInput> ClientSession::handle(std::string_view message, Instant now) {
  const Result<EnginePacket> packet = parse_engine_packet(message);
  if (!packet) return std::unexpected{packet.error()};
  if (!opening_) {
    if (packet->type != EnginePacketType::kOpen) return fail("the server did not open a session");
    const Result<EngineOpening> opening = parse_engine_opening(packet->data);
    if (!opening) return std::unexpected{opening.error()};
    opening_ = *opening;
    heard(now);
    return ClientReply{connect_request()};
  }
  heard(now);
  switch (packet->type) {
    case EnginePacketType::kPing:
      return ClientReply{engine_packet(EnginePacketType::kPong, packet->data)};
    case EnginePacketType::kClose:
      return ClientEnded{};
    case EnginePacketType::kNoop:
      return ClientNothing{};
    case EnginePacketType::kMessage:
      return packet->binary ? fail("bytes in base64 over a WebSocket") : handle_message(packet->data);
    case EnginePacketType::kOpen:
    case EnginePacketType::kPong:
    case EnginePacketType::kUpgrade:
      break;
  }
  return fail("a packet that only clients send");
}

Result<ClientInput> ClientSession::handle_binary(std::string_view bytes, Instant now) {
  if (!awaiting_) return fail("a binary message that nothing announced");
  heard(now);
  if (Result<void> added = awaiting_->add(bytes, options_.attachment_bytes_max); !added) return std::unexpected{added.error()};
  if (!awaiting_->complete()) return ClientNothing{};
  const Result<SocketPacket> packet = parse_socket_packet(awaiting_->text());
  CHECK(packet, "it was parsed when it came");
  return deliver(*packet, awaiting_->all());
}

std::string ClientSession::connect_request() const {
  if (!options_.recovery) return connect_packet(options_.auth, options_.nspace);
  return connect_packet("{\"pid\":" + json_quoted(options_.recovery->pid) + ",\"offset\":" + json_quoted(options_.recovery->offset) + "}",
                        options_.nspace);
}

Result<ClientInput> ClientSession::handle_message(std::string_view text) {
  if (awaiting_) {
    if (!awaiting_->complete()) return fail("text while attachments are awaited");
    awaiting_.reset();
  }
  const Result<SocketPacket> packet = parse_socket_packet(text);
  if (!packet) return std::unexpected{packet.error()};
  if (packet->nspace != options_.nspace) return fail("a packet for a namespace that was not joined");
  switch (packet->type) {
    case SocketPacketType::kConnect:
      if (connected_) return fail("a second CONNECT");
      return connected(packet->data);
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
  if (!placeholders_fit(packet->data, packet->attachments)) return fail("a placeholder that no attachment fills");
  if (packet->attachments == 0) return deliver(*packet, {});
  if (options_.attachment_bytes_max == 0) return fail("a packet with attachments");
  awaiting_ = std::make_unique<SocketAttachments>(text, packet->attachments);
  return ClientNothing{};
}

ClientInput ClientSession::connected(std::string_view json) {
  connected_ = true;
  const std::string_view pid = json_string_member(json, "pid").value_or("");
  if (pid.size() <= kPidBytesMax) pid_ = pid;
  const bool recovered = options_.recovery && !pid_.empty() && pid_ == options_.recovery->pid;
  if (recovered) offset_ = options_.recovery->offset;
  return ClientConnected{.sid = json_string_member(json, "sid").value_or(""), .recovered = recovered};
}

Result<ClientInput> ClientSession::deliver(const SocketPacket& packet, std::span<const std::string> attachments) {
  if (packet.type == SocketPacketType::kAck || packet.type == SocketPacketType::kBinaryAck) {
    const Result<SocketArguments> arguments = parse_ack_arguments(packet.data, kArgumentsMax);
    if (!arguments) return std::unexpected{arguments.error()};
    return ClientAck{*packet.ack_id, arguments->first, arguments->all, attachments};
  }
  const Result<SocketArguments> arguments = parse_event_arguments(packet.data, kArgumentsMax);
  if (!arguments) return std::unexpected{arguments.error()};
  if (!pid_.empty()) note_offset(arguments->all);
  return ClientEvent{arguments->name, arguments->first, arguments->all, packet.ack_id, attachments};
}

/// The last argument is the event's offset, if it is a string.
void ClientSession::note_offset(std::string_view arguments) {
  std::string_view last;
  while (const std::optional<std::string_view> argument = take_json_value(arguments)) {
    last = *argument;
    arguments.remove_prefix(std::min(arguments.size(), arguments.find(',')));
    if (!arguments.empty()) arguments.remove_prefix(1);
  }
  if (last.starts_with('"') && last.size() <= kOffsetBytesMax && last.find('\\') == std::string_view::npos) offset_ = last.substr(1, last.size() - 2);
}

std::optional<ClientRecovery> ClientSession::recovery() const {
  if (pid_.empty() || offset_.empty()) return std::nullopt;
  return ClientRecovery{.pid = pid_, .offset = offset_};
}

}  // namespace p2p::socketio
