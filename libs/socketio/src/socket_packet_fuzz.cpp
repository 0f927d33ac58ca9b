#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "socketio/json_text.hpp"
#include "socketio/socket_packet.hpp"
#include "socketio/socket_server.hpp"

/// Packets cut at line ends, given to one server session.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2p::socketio;
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  SocketServer server;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    const bool binary = line.starts_with('b');
    const auto input = server.handle(binary, line);
    if (!input) return 0;
    if (const auto* event = std::get_if<SocketEvent>(&*input)) {
      CHECK(event->json.empty() || is_json(event->json), "an argument that is not JSON");
      CHECK(server.connected(), "an event before CONNECT");
    }
  }
  return 0;
}
