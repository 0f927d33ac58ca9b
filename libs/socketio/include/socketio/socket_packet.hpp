#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// What stands in the array of an event's packet, or of an acknowledgement's (which has no name).
struct SocketArguments {
  std::string_view name;   ///< as in the text: a name with escapes keeps them
  std::string_view first;  ///< the first argument; empty if there was none
  std::string_view all;    ///< with commas between; empty if there was none
};
/// `data` is a packet's. An error when there is no name, a name that the stock libraries keep for themselves, or more than
/// `elements_max` elements, the name among them.
[[nodiscard]] Result<SocketArguments> parse_event_arguments(std::string_view data, std::size_t elements_max);
[[nodiscard]] Result<SocketArguments> parse_ack_arguments(std::string_view data, std::size_t elements_max);

/// A binary packet whose attachments are on their way, or have all come.
class SocketAttachments {
 public:
  /// `text` and `attachments` are the packet's.
  SocketAttachments(std::string_view text, std::uint32_t attachments) : text_{text}, announced_{attachments}, left_{attachments} {}

  [[nodiscard]] std::uint32_t announced() const { return announced_; }

  /// The next one; of `bytes_max` for all of them together more is an error, and 0 means that they are counted and dropped.
  [[nodiscard]] Result<void> add(std::string_view bytes, std::size_t bytes_max);
  [[nodiscard]] bool complete() const { return left_ == 0; }
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] const std::vector<std::string>& all() const { return attachments_; }

 private:
  std::string text_;
  std::vector<std::string> attachments_;
  std::size_t bytes_ = 0;
  std::uint32_t announced_;
  std::uint32_t left_;
};

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
