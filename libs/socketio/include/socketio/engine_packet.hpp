#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"

/// Engine.IO protocol version 4: what stands in one WebSocket message, or several of in one HTTP body.
namespace p2p::socketio {

enum class EnginePacketType : std::uint8_t { kOpen, kClose, kPing, kPong, kMessage, kUpgrade, kNoop };

struct EnginePacket {
  EnginePacketType type = EnginePacketType::kNoop;
  bool binary = false;     ///< a message of bytes (over HTTP: base64, left as it is)
  std::string_view data;
};

/// What the server tells in its first packet.
struct EngineOpening {
  std::string sid;
  Duration ping_interval{};
  Duration ping_timeout{};
  std::size_t bytes_max = 0;  ///< of a message, and of an HTTP body of messages
};

/// One packet as text, without a copy.
[[nodiscard]] Result<EnginePacket> parse_engine_packet(std::string_view text);

/// The packets of an HTTP body (record separator 0x1e). An error when any of them is malformed or there are more than `packets_max`.
[[nodiscard]] Result<std::vector<EnginePacket>> parse_engine_payload(std::string_view body, std::size_t packets_max);

[[nodiscard]] std::string engine_packet(EnginePacketType type, std::string_view data = {});

/// Appends a packet to an HTTP body.
void append_to_payload(std::string& body, std::string_view packet);

/// The packet `0{...}` of a server. `upgrades`: whether WebSocket is offered (not over WebSocket itself).
[[nodiscard]] std::string engine_open_packet(const EngineOpening& opening, bool upgrades);

/// The data of a server's open packet; its numbers are held to sane bounds.
[[nodiscard]] Result<EngineOpening> parse_engine_opening(std::string_view json);

}  // namespace p2p::socketio
