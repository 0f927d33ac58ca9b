#include "socketio/socket_packet.hpp"

#include <charconv>

#include "base/check.hpp"
#include "socketio/json_text.hpp"

namespace p2p::socketio {
namespace {

template <typename Integer>
std::optional<Integer> take_integer(std::string_view& text, Integer max) {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || value > max) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool starts_with_digit(std::string_view text) { return !text.empty() && text.front() >= '0' && text.front() <= '9'; }

bool is_binary(SocketPacketType type) { return type == SocketPacketType::kBinaryEvent || type == SocketPacketType::kBinaryAck; }

/// Whether `data` is what a packet of this type carries.
bool data_fits(SocketPacketType type, std::string_view data) {
  const auto starts = [&](char c) { return data.starts_with(c) && is_json(data); };
  switch (type) {
    case SocketPacketType::kConnect:
      return data.empty() || starts('{');
    case SocketPacketType::kDisconnect:
      return data.empty();
    case SocketPacketType::kConnectError:
      return starts('{') || starts('"');
    case SocketPacketType::kEvent:
    case SocketPacketType::kBinaryEvent:
    case SocketPacketType::kAck:
    case SocketPacketType::kBinaryAck:
      return starts('[');
  }
  return false;
}

}  // namespace

Result<SocketPacket> parse_socket_packet(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '6') return fail("an unknown Socket.IO packet type");
  SocketPacket packet{.type = static_cast<SocketPacketType>(text.front() - '0')};
  text.remove_prefix(1);
  if (is_binary(packet.type)) {
    const std::optional<std::uint32_t> attachments = take_integer(text, kAttachmentsMax);
    if (!attachments || !text.starts_with('-')) return fail("a wrong number of attachments");
    packet.attachments = *attachments;
    text.remove_prefix(1);
  }
  if (text.starts_with('/')) {
    const std::size_t comma = text.find(',');
    packet.nspace = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  if (starts_with_digit(text)) {
    packet.ack_id = take_integer(text, kAckIdMax);
    if (!packet.ack_id) return fail("an acknowledgement number that is too large");
  }
  const bool is_ack = packet.type == SocketPacketType::kAck || packet.type == SocketPacketType::kBinaryAck;
  if (is_ack && !packet.ack_id) return fail("an acknowledgement without a number");
  if (!data_fits(packet.type, text)) return fail("data that a packet of this type does not carry");
  packet.data = text;
  return packet;
}

std::string event_packet(std::string_view event, std::string_view json, std::optional<std::uint64_t> ack_id) {
  CHECK(event.find_first_of("\"\\") == std::string_view::npos, "an event's name needs no escapes");
  std::string packet;
  packet.reserve(event.size() + json.size() + 28);
  packet.append("42");
  if (ack_id) packet.append(std::to_string(*ack_id));
  packet.append("[\"").append(event).append("\"");
  if (!json.empty()) packet.append(",").append(json);
  packet.append("]");
  return packet;
}

std::string ack_packet(std::uint64_t ack_id, std::string_view json) {
  std::string packet = "43" + std::to_string(ack_id);
  packet.reserve(packet.size() + json.size() + 2);
  return packet.append("[").append(json).append("]");
}

std::string connect_packet(std::string_view json) { return std::string{"40"}.append(json); }

std::string connect_error_packet(std::string_view nspace, std::string_view message) {
  std::string packet = "44";
  if (nspace != "/") packet.append(nspace).append(",");
  return packet.append("{\"message\":").append(json_quoted(message)).append("}");
}

std::string disconnect_packet() { return "41"; }

}  // namespace p2p::socketio
