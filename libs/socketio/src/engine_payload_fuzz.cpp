#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "socketio/base64.hpp"
#include "socketio/client_session.hpp"
#include "socketio/engine_packet.hpp"

/// An HTTP body of packets, and the same bytes as a server's first words to a client.
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
  ClientSession session{p2p::Instant{}};
  for (const EnginePacket& packet : *packets) (void)session.handle(engine_packet(packet.type, packet.data), p2p::Instant{});
  return 0;
}
