#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.hpp"

/// WebSocket frames (RFC 6455) without I/O: the driver hands over what it read and writes what these functions return.
///
/// Out of scope: the handshake (websocket_handshake.hpp), extensions (none is ever negotiated, so a reserved bit is an error).
namespace p2p::socketio {

enum class Opcode : std::uint8_t { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };

/// RFC 6455 section 7.4.1, those that we send ourselves or must know.
enum class CloseCode : std::uint16_t {
  kNormal = 1000,
  kGoingAway = 1001,
  kProtocolError = 1002,
  kUnsupportedData = 1003,
  kNoStatus = 1005,  ///< never on the wire: the peer gave no code
  kInvalidText = 1007,
  kPolicyViolation = 1008,
  kMessageTooBig = 1009,
};

enum class Side : std::uint8_t { kServer, kClient };

/// The bytes before a payload.
struct FrameHeader {
  std::array<std::byte, 14> bytes{};
  std::uint8_t size = 0;
  [[nodiscard]] BytesView view() const { return BytesView{bytes}.first(size); }
};

/// A final, unmasked frame, as servers send it.
[[nodiscard]] FrameHeader frame_header(Opcode opcode, std::size_t payload_size);

/// Appends a whole frame. Clients must give a mask (RFC 6455 section 5.3: fresh, unpredictable for each frame); servers none.
void append_frame(std::string& out, Opcode opcode, std::string_view payload, std::optional<std::uint32_t> mask = {}, bool final = true);

/// Appends a close frame. `reason` is cut to what a control frame holds (123 bytes).
void append_close_frame(std::string& out, CloseCode code, std::string_view reason, std::optional<std::uint32_t> mask = {});

struct WebSocketMessage {
  bool text = true;  ///< text is checked to be UTF-8
  std::string_view data;
};
struct WebSocketPing {
  std::string_view data;  ///< to be sent back in a pong
};
struct WebSocketPong {
  std::string_view data;
};
struct WebSocketClosed {
  CloseCode code = CloseCode::kNoStatus;
  std::string_view reason;
};
/// The peer broke the protocol or a limit: send a close frame with this code, then close the socket.
struct WebSocketFailure {
  CloseCode code = CloseCode::kProtocolError;
  const char* why = "";
};

using WebSocketEvent = std::variant<WebSocketMessage, WebSocketPing, WebSocketPong, WebSocketClosed, WebSocketFailure>;

/// Cuts incoming bytes into messages.
///
/// Always holds: a message (all its fragments together) is never larger than `message_bytes_max`, and no more than that is
/// ever kept; between messages nothing is kept. A message that lies whole in the input is unmasked in place and not copied.
/// After WebSocketClosed or WebSocketFailure all further input is dropped.
class WebSocketReader {
 public:
  struct Options {
    Side side;  ///< whose reader this is: a server's wants masked frames, a client's unmasked ones
    std::size_t message_bytes_max;
  };

  explicit WebSocketReader(Options options) : message_bytes_max_{options.message_bytes_max}, side_{options.side} {}

  /// The next event in `input`, from which it takes what it used (and which it may overwrite). What the event shows is valid
  /// until the next call. Nothing: all input is used up.
  [[nodiscard]] std::optional<WebSocketEvent> next(std::span<std::byte>& input);
  /// Nothing of a next message or frame has come.
  [[nodiscard]] bool between_messages() const { return header_filled_ == 0 && !in_payload_ && !in_message_; }

 private:
  struct Control {
    std::array<char, 125> data;
    std::size_t size = 0;
  };

  [[nodiscard]] std::optional<WebSocketFailure> parse_header();
  [[nodiscard]] std::size_t header_size() const;
  [[nodiscard]] std::optional<WebSocketEvent> take_control(std::span<std::byte>& input);
  [[nodiscard]] std::optional<WebSocketEvent> take_data(std::span<std::byte>& input);
  [[nodiscard]] WebSocketEvent finish_control(std::string_view data);
  [[nodiscard]] WebSocketEvent finish_message(std::string_view data);
  [[nodiscard]] WebSocketEvent failed(CloseCode code, const char* why);
  void unmask(std::span<std::byte> bytes);

  std::string message_;
  std::unique_ptr<Control> control_;  // only while a control frame is cut by the end of the input
  std::size_t message_bytes_max_;
  std::uint64_t payload_left_ = 0;
  std::uint64_t unmasked_ = 0;  // how far into the frame's payload: the mask's phase
  std::array<std::byte, 14> header_{};
  std::array<std::byte, 4> mask_{};
  std::uint8_t header_filled_ = 0;
  Side side_;
  Opcode opcode_ = Opcode::kText;           // of the frame
  Opcode message_opcode_ = Opcode::kText;   // of the message: its first frame's
  bool in_payload_ = false;
  bool in_message_ = false;
  bool final_ = true;
  bool finished_ = false;
  bool message_delivered_ = false;
};

}  // namespace p2p::socketio
