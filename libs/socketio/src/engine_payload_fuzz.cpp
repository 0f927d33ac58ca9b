#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "socketio/base64.hpp"
#include "socketio/client_session.hpp"
#include "socketio/engine_packet.hpp"
#include "socketio/json_text.hpp"

/// An HTTP body of packets, and the same bytes as a server's words to a client.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2p::socketio;
  const std::string_view body{reinterpret_cast<const char*>(data), size};
  const auto packets = parse_engine_payload(body, 32);
  if (!packets) return 0;
  std::string again;
  for (const EnginePacket& packet : *packets) {
    append_to_payload(again, packet.binary ? "b" + std::string{packet.data} : engine_packet(packet.type, packet.data));
  }
  CHECK(again == body, "written packets differ from what was read");
  for (const EnginePacket& packet : *packets) {
    const auto bytes = packet.binary ? from_base64(packet.data) : std::nullopt;
    CHECK(!bytes || to_base64(p2p::as_bytes(*bytes)) == packet.data, "base64 that has two spellings");
  }
  constexpr p2p::Instant kNow{};
  ClientSession session{kNow, {.recovery = ClientRecovery{.pid = "p", .offset = "1"}, .attachment_bytes_max = 64}};
  for (const EnginePacket& packet : *packets) {
    const std::string text = engine_packet(packet.type, packet.data);  // what the result shows lies in it
    const auto input = packet.binary ? session.handle_binary(packet.data, kNow) : session.handle(text, kNow);
    if (!input) break;
    if (const auto* event = std::get_if<ClientEvent>(&*input)) {
      CHECK(is_json("[" + std::string{event->arguments} + "]"), "arguments that are not JSON");
    }
    if (const auto recovery = session.recovery()) CHECK(is_json(json_quoted(recovery->offset)), "an offset that cannot be sent back");
  }
  return 0;
}
