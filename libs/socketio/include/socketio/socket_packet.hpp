#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

/// Socket.IO protocol version 5: what stands in an Engine.IO message. Packets are written with the Engine.IO type `4` in front,
/// so that they go on the wire as they are.
///
/// Bytes among the arguments are attachments: binary messages that follow the packet, in whose JSON `{"_placeholder":true,"num":i}`
/// stands for the i-th of them.
namespace p2p::socketio {

enum class SocketPacketType : std::uint8_t { kConnect, kDisconnect, kEvent, kAck, kConnectError, kBinaryEvent, kBinaryAck };

inline constexpr std::string_view kMainNamespace = "/";
inline constexpr std::uint32_t kAttachmentsMax = 10;
inline constexpr std::uint64_t kAckIdMax = (std::uint64_t{1} << 53) - 1;

struct SocketPacket {
  SocketPacketType type = SocketPacketType::kEvent;
  std::uint32_t attachments = 0;
  std::string_view nspace = kMainNamespace;
  std::optional<std::uint64_t> ack_id;
  std::string_view data;  ///< well-formed JSON, or empty where the type allows that
};

/// The message's text without the Engine.IO type. The data is checked to be what the type wants (an array for events and
/// acknowledgements), so that no layer behind meets malformed JSON.
[[nodiscard]] Result<SocketPacket> parse_socket_packet(std::string_view text);

/// Whether every placeholder in well-formed `json` stands for one of `attachments` attachments. Names written with escapes are not
/// looked into: no writer of placeholders does so.
[[nodiscard]] bool placeholders_fit(std::string_view json, std::uint32_t attachments);

/// `json` is the event's one argument, or empty for none. `event` needs no escapes.
[[nodiscard]] std::string event_packet(std::string_view event, std::string_view json, std::optional<std::uint64_t> ack_id = {});
[[nodiscard]] std::string ack_packet(std::uint64_t ack_id, std::string_view json);

/// An event with all there is to it. With `attachments` it is written as a binary event: the caller sends these after it.
struct SocketEventText {
  std::string_view nspace = kMainNamespace;
  std::string_view name;       ///< needs no escapes
  std::string_view arguments;  ///< JSON values with commas between; empty for none
  std::optional<std::uint64_t> ack_id = {};
  std::uint32_t attachments = 0;
};
[[nodiscard]] std::string event_packet(const SocketEventText& event);

struct SocketAckText {
  std::string_view nspace = kMainNamespace;
  std::uint64_t id = 0;
  std::string_view arguments;
  std::uint32_t attachments = 0;
};
[[nodiscard]] std::string ack_packet(const SocketAckText& ack);

/// A server's answer `40{"sid":...}`, or a client's request with `auth` as JSON object (may be empty).
[[nodiscard]] std::string connect_packet(std::string_view json, std::string_view nspace = kMainNamespace);
[[nodiscard]] std::string connect_error_packet(std::string_view nspace, std::string_view message);
[[nodiscard]] std::string disconnect_packet(std::string_view nspace = kMainNamespace);

}  // namespace p2p::socketio
