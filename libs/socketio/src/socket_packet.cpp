#include "socketio/socket_packet.hpp"

#include <algorithm>
#include <array>
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

// Names that the stock libraries keep for themselves; who sends one is not one of them.
constexpr std::array<std::string_view, 6> kReserved{"connect",       "connect_error", "disconnect",
                                                    "disconnecting", "newListener",   "removeListener"};

/// Takes the comma and the white space at the head of `text`; false: there is none.
bool take_comma(std::string_view& text) {
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\r\n")));
  if (!text.starts_with(',')) return false;
  text.remove_prefix(1);
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\r\n")));
  return true;
}

/// `rest` of a well-formed array, from its first argument on.
Result<SocketArguments> arguments_of(std::string_view name, std::string_view rest, std::size_t elements_max, std::size_t elements) {
  SocketArguments arguments{.name = name, .first = {}, .all = rest.substr(0, rest.rfind(']'))};
  std::string_view left = arguments.all;
  do {
    const std::optional<std::string_view> argument = take_json_value(left);
    if (!argument || ++elements > elements_max) return fail("too many arguments");
    if (arguments.first.empty()) arguments.first = *argument;
  } while (take_comma(left));
  return arguments;
}

/// The packet up to its acknowledgement's number, with room for what follows. `plain` and `binary` are its type without and with attachments.
std::string packet_head(char plain, char binary, std::uint32_t attachments, std::string_view nspace, std::size_t rest_bytes) {
  CHECK(attachments <= kAttachmentsMax, "no packet has so many attachments");
  std::string packet;
  packet.reserve(nspace.size() + rest_bytes + 32);
  packet.push_back('4');
  packet.push_back(attachments > 0 ? binary : plain);
  if (attachments > 0) packet.append(std::to_string(attachments)).push_back('-');
  if (nspace != kMainNamespace) packet.append(nspace).push_back(',');
  return packet;
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

bool placeholders_fit(std::string_view json, std::uint32_t attachments) {
  if (json.find("\"_placeholder\"") == std::string_view::npos) return true;
  std::string_view rest = json;
  while (true) {
    const std::size_t open = rest.find_first_of("{\"");
    if (open == std::string_view::npos) return true;
    rest.remove_prefix(open);
    if (rest.front() == '"') {
      if (!take_json_value(rest)) return false;
      continue;
    }
    if (json_member(rest, "_placeholder") == "true") {
      std::string_view number = json_member(rest, "num").value_or("");
      const std::optional<std::uint32_t> index = take_integer(number, kAttachmentsMax);
      if (!index || !number.empty() || *index >= attachments) return false;
    }
    rest.remove_prefix(1);
  }
}

Result<SocketArguments> parse_event_arguments(std::string_view data, std::size_t elements_max) {
  data.remove_prefix(1);  // of a well-formed array
  const std::optional<std::string_view> name = take_json_value(data);
  if (!name) return fail("an event without a name");
  if (!name->starts_with('"')) return fail("an event whose name is not a string");
  const std::string_view bare = name->substr(1, name->size() - 2);
  if (std::ranges::find(kReserved, bare) != kReserved.end()) return fail("an event with a reserved name");
  if (!take_comma(data)) return SocketArguments{.name = bare, .first = {}, .all = {}};
  return arguments_of(bare, data, elements_max, 1);
}

Result<SocketArguments> parse_ack_arguments(std::string_view data, std::size_t elements_max) {
  data.remove_prefix(1);
  data.remove_prefix(std::min(data.size(), data.find_first_not_of(" \t\r\n")));
  if (data.starts_with(']')) return SocketArguments{};
  return arguments_of({}, data, elements_max, 0);
}

Result<void> SocketAttachments::add(std::string_view bytes, std::size_t bytes_max) {
  if (left_ == 0) return fail("a binary message that nothing announced");
  if (bytes_max > 0) {
    if (bytes.size() > bytes_max - bytes_) return fail("attachments that are too large together");
    bytes_ += bytes.size();
    attachments_.emplace_back(bytes);
  }
  --left_;
  return {};
}

std::string event_packet(std::string_view event, std::string_view json, std::optional<std::uint64_t> ack_id) {
  return event_packet(SocketEventText{.name = event, .arguments = json, .ack_id = ack_id});
}

std::string ack_packet(std::uint64_t ack_id, std::string_view json) { return ack_packet(SocketAckText{.id = ack_id, .arguments = json}); }

std::string event_packet(const SocketEventText& event) {
  CHECK(event.name.find_first_of("\"\\") == std::string_view::npos, "an event's name needs no escapes");
  std::string packet = packet_head('2', '5', event.attachments, event.nspace, event.name.size() + event.arguments.size());
  if (event.ack_id) packet.append(std::to_string(*event.ack_id));
  packet.append("[\"").append(event.name).append("\"");
  if (!event.arguments.empty()) packet.append(",").append(event.arguments);
  return packet.append("]");
}

std::string ack_packet(const SocketAckText& ack) {
  std::string packet = packet_head('3', '6', ack.attachments, ack.nspace, ack.arguments.size());
  packet.append(std::to_string(ack.id));
  return packet.append("[").append(ack.arguments).append("]");
}

std::string connect_packet(std::string_view json, std::string_view nspace) { return packet_head('0', '0', 0, nspace, json.size()).append(json); }

std::string connect_error_packet(std::string_view nspace, std::string_view message) {
  return packet_head('4', '4', 0, nspace, message.size()).append("{\"message\":").append(json_quoted(message)).append("}");
}

std::string disconnect_packet(std::string_view nspace) { return packet_head('1', '1', 0, nspace, 0); }

}  // namespace p2p::socketio
