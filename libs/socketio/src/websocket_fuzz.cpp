#include <algorithm>
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "socketio/websocket.hpp"

/// The first byte chooses the side and where the rest is cut; whole and cut input must give the same events.
namespace {

using namespace p2p::socketio;

std::string read(std::string wire, Side side, std::size_t step) {
  constexpr std::size_t kMax = 512;
  WebSocketReader reader{{.side = side, .message_bytes_max = kMax}};
  std::string log;
  for (std::size_t at = 0; at < wire.size(); at += step) {
    std::span<std::byte> input = std::as_writable_bytes(std::span{wire}).subspan(at, std::min(step, wire.size() - at));
    while (const auto event = reader.next(input)) {
      log += std::to_string(event->index());
      if (const auto* message = std::get_if<WebSocketMessage>(&*event)) {
        CHECK(message->data.size() <= kMax, "a message above the limit");
        log += message->data;
      }
      if (const auto* ping = std::get_if<WebSocketPing>(&*event)) log += ping->data;
      if (const auto* closed = std::get_if<WebSocketClosed>(&*event)) log += closed->reason;
    }
    CHECK(input.empty(), "input left over without an event");
  }
  return log;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string wire{reinterpret_cast<const char*>(data + 1), size - 1};
  const Side side = (data[0] & 1) != 0 ? Side::kServer : Side::kClient;
  CHECK(read(wire, side, wire.size() + 1) == read(wire, side, 1 + data[0] / 2), "the cut changed the events");
  return 0;
}
