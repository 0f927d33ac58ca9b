#include "socketio/engine_packet.hpp"

#include <charconv>
#include <optional>

#include "base/check.hpp"
#include "socketio/json_text.hpp"

namespace p2p::socketio {
namespace {

constexpr char kSeparator = '\x1e';

std::int64_t milliseconds(Duration span) { return std::chrono::duration_cast<std::chrono::milliseconds>(span).count(); }

std::optional<std::int64_t> integer_member(std::string_view object, std::string_view name, std::int64_t low, std::int64_t high) {
  const std::optional<std::string_view> text = json_member(object, name);
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size() || value < low || value > high) return std::nullopt;
  return value;
}

}  // namespace

Result<EnginePacket> parse_engine_packet(std::string_view text) {
  if (text.empty()) return fail("an empty Engine.IO packet");
  if (text.front() == 'b') return EnginePacket{EnginePacketType::kMessage, true, text.substr(1)};
  if (text.front() < '0' || text.front() > '6') return fail("an unknown Engine.IO packet type");
  return EnginePacket{static_cast<EnginePacketType>(text.front() - '0'), false, text.substr(1)};
}

Result<std::vector<EnginePacket>> parse_engine_payload(std::string_view body, std::size_t packets_max) {
  std::vector<EnginePacket> packets;
  while (true) {
    const std::size_t end = body.find(kSeparator);
    const Result<EnginePacket> packet = parse_engine_packet(body.substr(0, end));
    if (!packet) return std::unexpected{packet.error()};
    if (packets.size() == packets_max) return fail("too many packets in one request");
    packets.push_back(*packet);
    if (end == std::string_view::npos) return packets;
    body.remove_prefix(end + 1);
  }
}

std::string engine_packet(EnginePacketType type, std::string_view data) {
  std::string packet;
  packet.reserve(1 + data.size());
  packet.push_back(static_cast<char>('0' + static_cast<int>(type)));
  packet.append(data);
  return packet;
}

void append_to_payload(std::string& body, std::string_view packet) {
  if (!body.empty()) body.push_back(kSeparator);
  body.append(packet);
}

std::string engine_open_packet(const EngineOpening& opening, bool upgrades) {
  CHECK(is_json(json_quoted(opening.sid)), "a session id is plain text");
  std::string json = "{\"sid\":" + json_quoted(opening.sid);
  json += upgrades ? ",\"upgrades\":[\"websocket\"]" : ",\"upgrades\":[]";
  json += ",\"pingInterval\":" + std::to_string(milliseconds(opening.ping_interval));
  json += ",\"pingTimeout\":" + std::to_string(milliseconds(opening.ping_timeout));
  json += ",\"maxPayload\":" + std::to_string(opening.bytes_max) + "}";
  return engine_packet(EnginePacketType::kOpen, json);
}

Result<EngineOpening> parse_engine_opening(std::string_view json) {
  if (!is_json(json) || json.find('{') != json.find_first_not_of(" \t\r\n")) return fail("the server's first packet is not a JSON object");
  constexpr std::int64_t kHourMs = 3'600'000;
  const std::optional<std::string_view> sid = json_member(json, "sid");
  const std::optional<std::int64_t> interval = integer_member(json, "pingInterval", 100, kHourMs);
  const std::optional<std::int64_t> timeout = integer_member(json, "pingTimeout", 100, kHourMs);
  const std::optional<std::int64_t> bytes_max = integer_member(json, "maxPayload", 1024, 1 << 30);
  if (!sid || sid->size() < 3 || sid->size() > 258 || sid->front() != '"' || !interval || !timeout || !bytes_max) {
    return fail("the server's first packet lacks sid, pingInterval, pingTimeout or maxPayload");
  }
  return EngineOpening{.sid = std::string{sid->substr(1, sid->size() - 2)},
                       .ping_interval = std::chrono::milliseconds{*interval},
                       .ping_timeout = std::chrono::milliseconds{*timeout},
                       .bytes_max = static_cast<std::size_t>(*bytes_max)};
}

}  // namespace p2p::socketio
