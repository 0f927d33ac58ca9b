#include "socketio/websocket.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.hpp"
#include "base/utf8.hpp"

namespace p2p::socketio {
namespace {

constexpr std::size_t kControlPayloadMax = 125;  // RFC 6455 section 5.5

bool is_control(Opcode opcode) { return static_cast<std::uint8_t>(opcode) >= 8; }

bool is_known(std::uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

/// RFC 6455 section 7.4 and the IANA registry: what may stand in a close frame.
bool may_be_sent(std::uint16_t code) {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

std::string_view text_of(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

void apply_mask(std::span<std::byte> bytes, std::array<std::byte, 4> mask, std::uint64_t phase) {
  std::array<std::byte, 8> turned{};
  for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = mask[(phase + i) % 4];
  std::uint64_t wide = 0;
  std::memcpy(&wide, turned.data(), sizeof wide);
  std::size_t i = 0;
  for (; i + sizeof wide <= bytes.size(); i += sizeof wide) {
    std::uint64_t chunk = 0;
    std::memcpy(&chunk, bytes.data() + i, sizeof chunk);
    chunk ^= wide;
    std::memcpy(bytes.data() + i, &chunk, sizeof chunk);
  }
  for (; i < bytes.size(); ++i) bytes[i] ^= turned[i % 8];
}

}  // namespace

FrameHeader frame_header(Opcode opcode, std::size_t payload_size) {
  FrameHeader header;
  const auto put = [&](std::size_t value, std::size_t width) {
    for (std::size_t i = width; i-- > 0;) header.bytes[header.size++] = static_cast<std::byte>((value >> (8 * i)) & 0xff);
  };
  put(0x80 | static_cast<std::uint8_t>(opcode), 1);
  if (payload_size < 126) {
    put(payload_size, 1);
  } else if (payload_size <= 0xffff) {
    put(126, 1);
    put(payload_size, 2);
  } else {
    put(127, 1);
    put(payload_size, 8);
  }
  return header;
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload, std::optional<std::uint32_t> mask, bool final) {
  FrameHeader header = frame_header(opcode, payload.size());
  if (!final) header.bytes[0] &= std::byte{0x7f};
  if (mask) header.bytes[1] |= std::byte{0x80};
  out.append(as_text(header.view()));
  if (!mask) {
    out.append(payload);
    return;
  }
  std::array<std::byte, 4> key{};
  std::memcpy(key.data(), &*mask, key.size());
  out.append(as_text(key));
  const std::size_t start = out.size();
  out.append(payload);
  apply_mask(std::as_writable_bytes(std::span{out}.subspan(start)), key, 0);
}

void append_close_frame(std::string& out, CloseCode code, std::string_view reason, std::optional<std::uint32_t> mask) {
  CHECK(may_be_sent(static_cast<std::uint16_t>(code)), "this close code never goes on the wire");
  reason = reason.substr(0, kControlPayloadMax - 2);
  while (!is_utf8(reason)) reason.remove_suffix(1);
  std::string payload;
  payload.push_back(static_cast<char>(static_cast<std::uint16_t>(code) >> 8));
  payload.push_back(static_cast<char>(static_cast<std::uint16_t>(code) & 0xff));
  payload.append(reason);
  append_frame(out, Opcode::kClose, payload, mask);
}

std::optional<WebSocketEvent> WebSocketReader::next(std::span<std::byte>& input) {
  if (message_delivered_) {
    std::string{}.swap(message_);  // what the last event showed; the memory too: most connections are idle most of the time
    message_delivered_ = false;
  }
  while (!finished_) {
    if (!in_payload_) {
      while (header_filled_ < header_size()) {
        if (input.empty()) return std::nullopt;
        const std::size_t take = std::min<std::size_t>(header_size() - header_filled_, input.size());
        std::copy_n(input.begin(), take, header_.begin() + header_filled_);
        header_filled_ = static_cast<std::uint8_t>(header_filled_ + take);
        input = input.subspan(take);
      }
      if (const auto failure = parse_header()) return failed(failure->code, failure->why);
    }
    std::optional<WebSocketEvent> event = is_control(opcode_) ? take_control(input) : take_data(input);
    if (event || in_payload_) return event;
  }
  input = {};
  return std::nullopt;
}

std::size_t WebSocketReader::header_size() const {
  if (header_filled_ < 2) return 2;
  const auto second = std::to_integer<std::uint8_t>(header_[1]);
  const std::uint8_t length = second & 0x7f;
  return 2u + (length == 126 ? 2u : length == 127 ? 8u : 0u) + ((second & 0x80) != 0 ? 4u : 0u);
}

std::optional<WebSocketFailure> WebSocketReader::parse_header() {
  const auto failure = [](CloseCode code, const char* why) { return WebSocketFailure{code, why}; };
  const auto first = std::to_integer<std::uint8_t>(header_[0]);
  const auto second = std::to_integer<std::uint8_t>(header_[1]);
  const bool masked = (second & 0x80) != 0;
  const std::uint8_t opcode = first & 0x0f;
  std::uint64_t length = second & 0x7f;
  std::size_t at = 2;
  if (length == 126) {
    length = read_big_endian(header_, at, 2);
    if (length < 126) return failure(CloseCode::kProtocolError, "a length not in its shortest form");
    at += 2;
  } else if (length == 127) {
    length = read_big_endian(header_, at, 8);
    if (length <= 0xffff) return failure(CloseCode::kProtocolError, "a length not in its shortest form");
    at += 8;
  }
  if ((first & 0x70) != 0) return failure(CloseCode::kProtocolError, "a reserved bit without an extension");
  if (!is_known(opcode)) return failure(CloseCode::kProtocolError, "an unknown opcode");
  if (masked != (side_ == Side::kServer)) return failure(CloseCode::kProtocolError, masked ? "a masked frame from a server" : "an unmasked frame from a client");
  opcode_ = static_cast<Opcode>(opcode);
  final_ = (first & 0x80) != 0;
  if (is_control(opcode_)) {
    if (!final_) return failure(CloseCode::kProtocolError, "a control frame in fragments");
    if (length > kControlPayloadMax) return failure(CloseCode::kProtocolError, "a control frame of more than 125 bytes");
  } else {
    if ((opcode_ == Opcode::kContinuation) != in_message_) {
      return failure(CloseCode::kProtocolError, in_message_ ? "a new message inside of another" : "a continuation of nothing");
    }
    if (length > message_bytes_max_ - message_.size()) return failure(CloseCode::kMessageTooBig, "the message is too large");
    if (!in_message_) message_opcode_ = opcode_;
    in_message_ = true;
  }
  if (masked) std::copy_n(header_.begin() + static_cast<std::ptrdiff_t>(at), mask_.size(), mask_.begin());
  payload_left_ = length;
  unmasked_ = 0;
  header_filled_ = 0;
  in_payload_ = true;
  return std::nullopt;
}

std::optional<WebSocketEvent> WebSocketReader::take_control(std::span<std::byte>& input) {
  const std::size_t take = std::min<std::size_t>(payload_left_, input.size());
  const std::span<std::byte> bytes = input.first(take);
  input = input.subspan(take);
  unmask(bytes);
  payload_left_ -= take;
  if (!control_ && payload_left_ == 0) return finish_control(text_of(bytes));
  if (!control_) control_ = std::make_unique<Control>();
  std::memcpy(control_->data.data() + control_->size, bytes.data(), bytes.size());
  control_->size += bytes.size();
  if (payload_left_ > 0) return std::nullopt;
  return finish_control({control_->data.data(), control_->size});
}

std::optional<WebSocketEvent> WebSocketReader::take_data(std::span<std::byte>& input) {
  const std::size_t take = std::min<std::size_t>(payload_left_, input.size());
  const std::span<std::byte> bytes = input.first(take);
  input = input.subspan(take);
  unmask(bytes);
  payload_left_ -= take;
  const bool complete = payload_left_ == 0;
  if (complete) in_payload_ = false;
  if (complete && final_ && message_.empty()) return finish_message(text_of(bytes));
  message_.append(text_of(bytes));
  if (!complete || !final_) return std::nullopt;
  message_delivered_ = true;
  return finish_message(message_);
}

WebSocketEvent WebSocketReader::finish_control(std::string_view data) {
  in_payload_ = false;
  if (control_ && data.data() == control_->data.data()) control_->size = 0;
  if (opcode_ == Opcode::kPing) return WebSocketPing{data};
  if (opcode_ == Opcode::kPong) return WebSocketPong{data};
  if (data.empty()) {
    finished_ = true;
    return WebSocketClosed{};
  }
  if (data.size() == 1) return failed(CloseCode::kProtocolError, "half a close code");
  const auto code = static_cast<std::uint16_t>(read_big_endian(as_bytes(data), 0, 2));
  if (!may_be_sent(code)) return failed(CloseCode::kProtocolError, "a close code that never goes on the wire");
  if (!is_utf8(data.substr(2))) return failed(CloseCode::kInvalidText, "a close reason that is not UTF-8");
  finished_ = true;
  return WebSocketClosed{static_cast<CloseCode>(code), data.substr(2)};
}

WebSocketEvent WebSocketReader::finish_message(std::string_view data) {
  in_message_ = false;
  const bool text = message_opcode_ == Opcode::kText;
  if (text && !is_utf8(data)) return failed(CloseCode::kInvalidText, "text that is not UTF-8");
  return WebSocketMessage{text, data};
}

WebSocketEvent WebSocketReader::failed(CloseCode code, const char* why) {
  finished_ = true;
  return WebSocketFailure{code, why};
}

void WebSocketReader::unmask(std::span<std::byte> bytes) {
  if (side_ != Side::kServer) return;
  apply_mask(bytes, mask_, unmasked_);
  unmasked_ += bytes.size();
}

}  // namespace p2p::socketio
