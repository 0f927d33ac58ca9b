#include "socketio/websocket.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/utf8.hpp"
#include "socketio/websocket_handshake.hpp"

namespace p2p::socketio {
namespace {

constexpr std::uint32_t kMask = 0x12345678;

/// Feeds `wire` in pieces of `step` bytes and writes down what came out.
std::vector<std::string> read_all(std::string wire, std::size_t step = 1 << 20, std::size_t max = 1024, Side side = Side::kServer) {
  WebSocketReader reader{{.side = side, .message_bytes_max = max}};
  std::vector<std::string> seen;
  for (std::size_t at = 0; at < wire.size(); at += step) {
    std::span<std::byte> input = std::as_writable_bytes(std::span{wire}).subspan(at, std::min(step, wire.size() - at));
    while (const auto event = reader.next(input)) {
      if (const auto* message = std::get_if<WebSocketMessage>(&*event)) seen.push_back((message->text ? "text " : "bytes ") + std::string{message->data});
      if (const auto* ping = std::get_if<WebSocketPing>(&*event)) seen.push_back("ping " + std::string{ping->data});
      if (const auto* pong = std::get_if<WebSocketPong>(&*event)) seen.push_back("pong " + std::string{pong->data});
      if (const auto* closed = std::get_if<WebSocketClosed>(&*event)) {
        seen.push_back("closed " + std::to_string(static_cast<int>(closed->code)) + " " + std::string{closed->reason});
      }
      if (const auto* failure = std::get_if<WebSocketFailure>(&*event)) seen.push_back("failed " + std::to_string(static_cast<int>(failure->code)));
    }
  }
  return seen;
}

std::string frame(Opcode opcode, std::string_view payload, bool final = true) {
  std::string out;
  append_frame(out, opcode, payload, kMask, final);
  return out;
}

using Seen = std::vector<std::string>;

TEST(WebSocket, AcceptKeyIsTheOneOfTheRfc) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_TRUE(is_websocket_key("dGhlIHNhbXBsZSBub25jZQ=="));
  EXPECT_FALSE(is_websocket_key("dGhlIHNhbXBsZSBub25jZQ="));
  EXPECT_FALSE(is_websocket_key("dGhlIHNhbXBsZ\r\nBub25jZQ=="));
}

TEST(WebSocket, MessagesArriveHoweverTheBytesAreCut) {
  const std::string wire = frame(Opcode::kText, "hello") + frame(Opcode::kBinary, std::string(300, 'b')) + frame(Opcode::kText, "") +
                           frame(Opcode::kText, "one ", false) + frame(Opcode::kPing, "are you there") +
                           frame(Opcode::kContinuation, "two ", false) + frame(Opcode::kContinuation, "three");
  const Seen expected{"text hello", "bytes " + std::string(300, 'b'), "text ", "ping are you there", "text one two three"};
  for (const std::size_t step : {1u, 2u, 3u, 7u, 64u, 100'000u}) EXPECT_EQ(read_all(wire, step), expected) << "cut every " << step;
}

TEST(WebSocket, LongLengthsAreReadAndWritten) {
  for (const std::size_t size : {125u, 126u, 65'535u, 65'536u, 100'000u}) {
    const std::string payload(size, 'x');
    EXPECT_EQ(read_all(frame(Opcode::kText, payload), 1000, 100'000), Seen{"text " + payload});
    std::string unmasked;
    append_frame(unmasked, Opcode::kText, payload);
    EXPECT_EQ(read_all(unmasked, 1000, 100'000, Side::kClient), Seen{"text " + payload});
    EXPECT_EQ(unmasked.substr(0, unmasked.size() - size), as_text(frame_header(Opcode::kText, size).view()));
  }
}

TEST(WebSocket, ATooLargeMessageFailsBeforeItIsKept) {
  EXPECT_EQ(read_all(frame(Opcode::kText, std::string(1025, 'x')).substr(0, 8)), Seen{"failed 1009"});
  EXPECT_EQ(read_all(frame(Opcode::kText, std::string(1000, 'x'), false) + frame(Opcode::kContinuation, std::string(25, 'x'))), Seen{"failed 1009"});
  EXPECT_EQ(read_all(frame(Opcode::kText, std::string(1000, 'x'), false) + frame(Opcode::kContinuation, std::string(24, 'x'))).size(), 1u);
}

TEST(WebSocket, BrokenFramesFailWithTheRightCode) {
  std::string unmasked;
  append_frame(unmasked, Opcode::kText, "x");
  EXPECT_EQ(read_all(unmasked), Seen{"failed 1002"});
  EXPECT_EQ(read_all(frame(Opcode::kText, "x"), 1, 1024, Side::kClient), Seen{"failed 1002"});
  EXPECT_EQ(read_all(frame(Opcode::kContinuation, "x")), Seen{"failed 1002"});
  EXPECT_EQ(read_all(frame(Opcode::kText, "x", false) + frame(Opcode::kText, "y")), Seen{"failed 1002"});
  EXPECT_EQ(read_all(frame(Opcode::kPing, "x", false)), Seen{"failed 1002"});
  EXPECT_EQ(read_all(frame(Opcode::kPing, std::string(126, 'x'))), Seen{"failed 1002"});
  EXPECT_EQ(read_all(frame(static_cast<Opcode>(3), "x")), Seen{"failed 1002"});
  EXPECT_EQ(read_all(frame(static_cast<Opcode>(11), "x")), Seen{"failed 1002"});
  std::string reserved = frame(Opcode::kText, "x");
  reserved[0] = static_cast<char>(reserved[0] | 0x40);
  EXPECT_EQ(read_all(reserved), Seen{"failed 1002"});
  EXPECT_EQ(read_all(std::string{"\x81\xfe\x00\x05", 4} + "abcdhello"), Seen{"failed 1002"}) << "a length not in its shortest form";
}

TEST(WebSocket, TextMustBeUtf8) {
  EXPECT_EQ(read_all(frame(Opcode::kText, "gr\xc3\xbc\xc3\x9f")), Seen{"text gr\xc3\xbc\xc3\x9f"});
  EXPECT_EQ(read_all(frame(Opcode::kText, "\xc3", false) + frame(Opcode::kContinuation, "\xbc")), Seen{"text \xc3\xbc"});
  for (const char* bad : {"\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "longer than eight \x80"}) {
    EXPECT_EQ(read_all(frame(Opcode::kText, bad)), Seen{"failed 1007"}) << bad;
  }
  EXPECT_TRUE(is_utf8("\xf0\x9f\x8e\xa5 \xed\x9f\xbf \xef\xbf\xbf"));
}

TEST(WebSocket, CloseFramesAreCheckedAndEndTheStream) {
  std::string wire;
  append_close_frame(wire, CloseCode::kGoingAway, "bye", kMask);
  EXPECT_EQ(read_all(wire + frame(Opcode::kText, "too late"), 1), Seen{"closed 1001 bye"});
  EXPECT_EQ(read_all(frame(Opcode::kClose, "")), Seen{"closed 1005 "});
  EXPECT_EQ(read_all(frame(Opcode::kClose, "x")), Seen{"failed 1002"});
  EXPECT_EQ(read_all(frame(Opcode::kClose, "\x03\xed")), Seen{"failed 1002"}) << "1005 never goes on the wire";
  EXPECT_EQ(read_all(frame(Opcode::kClose, "\x03\xe8\xff")), Seen{"failed 1007"});
  std::string long_reason;
  append_close_frame(long_reason, CloseCode::kNormal, std::string(122, 'a') + "\xc3\xbc", kMask);
  EXPECT_EQ(read_all(long_reason), Seen{"closed 1000 " + std::string(122, 'a')}) << "cut between characters";
}

}  // namespace
}  // namespace p2p::socketio
