#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "socketio/socket_packet.hpp"

namespace p2p::socketio {

/// The client asked to join a namespace: answer with connect_packet and a session id, or with connect_error_packet and `leave`.
struct SocketConnect {
  std::string_view nspace;
  std::string_view auth;  ///< a JSON object, or empty
};
struct SocketEvent {
  std::string_view nspace;
  std::string_view name;       ///< as in the text: a name with escapes keeps them, and so matches no name of ours
  std::string_view json;       ///< the first argument; empty if there was none
  std::string_view arguments;  ///< all of them, with commas between; empty if there was none
  std::optional<std::uint64_t> ack_id;
  std::span<const std::string> attachments;  ///< what the placeholders among the arguments stand for
};
/// The answer to an event of ours. The number is the client's word: one that was not given out is to be ignored.
struct SocketAck {
  std::string_view nspace;
  std::uint64_t id;
  std::string_view json;  ///< the array of arguments
  std::span<const std::string> attachments;
};
/// The client left a namespace; it is not joined any more.
struct SocketDisconnect {
  std::string_view nspace;
};
/// Send this packet back (a refusal).
struct SocketReply {
  std::string packet;
};
struct SocketNothing {};

using SocketInput = std::variant<SocketNothing, SocketConnect, SocketEvent, SocketAck, SocketDisconnect, SocketReply>;

/// One client's Socket.IO connection, server side.
///
/// Always holds: events, acknowledgements and goodbyes are of namespaces that were joined (SocketConnect) and not left since; a
/// namespace is joined once at a time. An error means that the client broke the protocol as the stock server understands it, and
/// that the connection is to be closed. An event without attachments is read without a copy.
///
/// Out of scope: session ids, the numbers of acknowledgements that are awaited, how long a client may take to join (the driver's).
class SocketServer {
 public:
  /// As many fit into the set of those that are joined.
  static constexpr std::size_t kNamespacesMax = 32;

  struct Options {
    std::vector<std::string> namespaces{std::string{kMainNamespace}};  ///< at most kNamespacesMax; others are refused politely
    std::size_t arguments_max = 8;  ///< of an event, its name among them
    /// Attachments of packets that announce more are counted and dropped: nothing is kept while the others are awaited.
    std::uint32_t attachments_kept_max = kAttachmentsMax;
    /// All attachments of one packet together; more is an error. 0: nobody wants them, they are counted and dropped.
    std::size_t attachment_bytes_max = 0;
  };

  SocketServer() : SocketServer{main_only()} {}
  /// `options` outlives the session: thousands share it.
  explicit SocketServer(const Options& options) : options_{&options} {}

  /// An Engine.IO message. What the result shows lies in `message` and the options, except after attachments, where it lies in this
  /// object until the next call.
  [[nodiscard]] Result<SocketInput> handle(bool binary, std::string_view message);

  /// The client was refused, or sent away, from a namespace that it had joined.
  void leave(std::string_view nspace);

  [[nodiscard]] bool connected() const { return joined_ != 0; }
  [[nodiscard]] bool connected(std::string_view nspace) const;

 private:
  static const Options& main_only();
  [[nodiscard]] std::uint32_t bit_of(std::string_view nspace) const;
  [[nodiscard]] Result<SocketInput> handle_attachment(std::string_view bytes);
  [[nodiscard]] Result<SocketInput> handle_connect(const SocketPacket& packet);
  [[nodiscard]] Result<SocketInput> deliver(const SocketPacket& packet, std::span<const std::string> attachments) const;

  const Options* options_;
  std::unique_ptr<SocketAttachments> awaiting_;  // few clients ever send attachments
  std::uint32_t joined_ = 0;            // a bit for each of options_->namespaces
};

}  // namespace p2p::socketio
