#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "socketio/json_text.hpp"
#include "socketio/socket_packet.hpp"
#include "socketio/socket_server.hpp"

/// Packets cut at line ends, those that begin with `b` as bytes, given to one session of a server with several namespaces and to one of
/// a server with the main one that drops attachments.
namespace {

using namespace p2p::socketio;

constexpr std::size_t kAttachmentBytesMax = 64;

void check_event(const SocketServer& server, const SocketEvent& event) {
  CHECK(server.connected(event.nspace), "an event of a namespace that was not joined");
  CHECK(event.json.empty() == event.arguments.empty(), "the first argument is one of all");
  CHECK(event.json.empty() || is_json(event.json), "an argument that is not JSON");
  CHECK(is_json("[" + std::string{event.arguments} + "]"), "arguments that are not JSON");
  std::size_t bytes = 0;
  for (const std::string& attachment : event.attachments) bytes += attachment.size();
  CHECK(event.attachments.size() <= kAttachmentsMax && bytes <= kAttachmentBytesMax, "more attachments than are taken");
  if (event.name.find('\\') != std::string_view::npos) return;
  const auto attachments = static_cast<std::uint32_t>(event.attachments.size());
  const std::string written =
      event_packet({.nspace = event.nspace, .name = event.name, .arguments = event.arguments, .ack_id = event.ack_id, .attachments = attachments});
  const auto again = parse_socket_packet(std::string_view{written}.substr(1));
  CHECK(again, "what is written is not read");
  CHECK(again->nspace == event.nspace && again->ack_id == event.ack_id && again->attachments == attachments, "read otherwise than written");
}

void run(SocketServer& server, std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    lines = end == std::string_view::npos ? std::string_view{} : lines.substr(end + 1);
    const auto input = server.handle(line.starts_with('b'), line);
    if (!input) return;
    if (const auto* event = std::get_if<SocketEvent>(&*input)) check_event(server, *event);
    if (const auto* ack = std::get_if<SocketAck>(&*input)) CHECK(is_json(ack->json) && server.connected(ack->nspace), "an acknowledgement of nothing");
    if (const auto* left = std::get_if<SocketDisconnect>(&*input)) CHECK(!server.connected(left->nspace), "left and still there");
    if (const auto* reply = std::get_if<SocketReply>(&*input)) CHECK(parse_socket_packet(std::string_view{reply->packet}.substr(1)), "a refusal that is no packet");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const SocketServer::Options kSeveral{.namespaces = {"/", "/a", "/custom"}, .arguments_max = 64, .attachment_bytes_max = kAttachmentBytesMax};
  const std::string_view lines{reinterpret_cast<const char*>(data), size};
  SocketServer several{kSeveral};
  run(several, lines);
  SocketServer main_only;
  run(main_only, lines);
  return 0;
}
