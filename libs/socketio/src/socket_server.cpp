#include "socketio/socket_server.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "socketio/json_text.hpp"

namespace p2p::socketio {
namespace {

// Names that the stock libraries keep for themselves; a client that sends one is not one of them.
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

}  // namespace

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
    if (awaiting_->left > 0) return fail("text while attachments are awaited");
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
      awaiting_ = std::make_unique<Awaiting>();
      awaiting_->text = message;
      awaiting_->left = packet->attachments;
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
  if (!awaiting_ || awaiting_->left == 0) return fail("a binary message that nothing announced");
  if (options_->attachment_bytes_max > 0) {
    if (bytes.size() > options_->attachment_bytes_max - awaiting_->bytes) return fail("attachments that are too large together");
    awaiting_->bytes += bytes.size();
    awaiting_->attachments.emplace_back(bytes);
  }
  if (--awaiting_->left > 0) return SocketNothing{};
  const Result<SocketPacket> packet = parse_socket_packet(awaiting_->text);
  CHECK(packet, "it was parsed when it came");
  // Sent away meanwhile: the rest of what was under way is nobody's fault.
  if (!connected(packet->nspace)) return SocketNothing{};
  return deliver(*packet, awaiting_->attachments);
}

Result<SocketInput> SocketServer::deliver(const SocketPacket& packet, std::span<const std::string> attachments) const {
  if (packet.type == SocketPacketType::kAck || packet.type == SocketPacketType::kBinaryAck) {
    return SocketAck{packet.nspace, *packet.ack_id, packet.data, attachments};
  }
  return event(packet, attachments);
}

Result<SocketInput> SocketServer::event(const SocketPacket& packet, std::span<const std::string> attachments) const {
  std::string_view rest = packet.data;  // a well-formed array
  rest.remove_prefix(1);
  const std::optional<std::string_view> name = take_json_value(rest);
  if (!name) return fail("an event without a name");
  if (!name->starts_with('"')) return fail("an event whose name is not a string");
  const std::string_view bare = name->substr(1, name->size() - 2);
  if (std::ranges::find(kReserved, bare) != kReserved.end()) return fail("an event with a reserved name");
  SocketEvent event{.nspace = packet.nspace, .name = bare, .json = {}, .arguments = {}, .ack_id = packet.ack_id, .attachments = attachments};
  if (take_comma(rest)) event.arguments = rest.substr(0, rest.rfind(']'));
  std::size_t elements = 1;
  std::string_view left = event.arguments;
  for (bool more = !left.empty(); more; more = take_comma(left)) {
    const std::optional<std::string_view> argument = take_json_value(left);
    if (!argument || ++elements > options_->arguments_max) return fail("an event with too many arguments");
    if (event.json.empty()) event.json = *argument;
  }
  return event;
}

}  // namespace p2p::socketio
