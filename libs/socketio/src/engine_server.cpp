#include "socketio/engine_server.hpp"

namespace p2p::socketio {

bool EngineServer::begin_upgrade(Instant now) {
  if (transport_ != Transport::kPolling || upgrading()) return false;
  probe_until_ = now + options_->upgrade_timeout;
  probed_ = false;
  return true;
}

EngineEvent EngineServer::handle(Transport from, const EnginePacket& packet, Instant now) {
  if (from != transport_) {
    if (from == Transport::kWebSocket) return handle_probe(packet, now);
    // A POST that was under way when the upgrade came: its messages still count.
    if (packet.type == EnginePacketType::kMessage) return EngineMessage{packet.binary, packet.data};
    return EngineNothing{};
  }
  switch (packet.type) {
    case EnginePacketType::kMessage:
      return EngineMessage{packet.binary, packet.data};
    case EnginePacketType::kPong:
      if (awaiting_pong_) {
        awaiting_pong_ = false;
        ping_at_ = now + options_->ping_interval;
      }
      return EngineNothing{};
    case EnginePacketType::kClose:
      return EngineClosed{};
    case EnginePacketType::kPing:
      return EngineFailure{"a client does not ping in Engine.IO 4"};
    case EnginePacketType::kNoop:
      return EngineNothing{};
    case EnginePacketType::kOpen:
    case EnginePacketType::kUpgrade:
      break;
  }
  return EngineFailure{"a packet that does not belong here"};
}

EngineEvent EngineServer::handle_probe(const EnginePacket& packet, Instant now) {
  if (!upgrading() || packet.binary) return EngineFailure{"a packet from a transport that is not in use"};
  if (packet.type == EnginePacketType::kPing && packet.data == "probe") {
    probed_ = true;
    return EngineReply{"3probe"};
  }
  if (packet.type == EnginePacketType::kUpgrade && probed_) {
    transport_ = Transport::kWebSocket;
    abandon_upgrade();
    // A ping that was answered by nobody may sit in the polling queue; the new transport starts afresh.
    if (awaiting_pong_) pong_until_ = now + options_->ping_timeout;
    return EngineUpgraded{};
  }
  return EngineFailure{"a probe that is none"};
}

EngineServer::Due EngineServer::handle_time(Instant now) {
  if (now >= probe_until_) {
    abandon_upgrade();
    return Due::kDropProbe;
  }
  if (awaiting_pong_) return now >= pong_until_ ? Due::kTimeout : Due::kNothing;
  if (now < ping_at_) return Due::kNothing;
  awaiting_pong_ = true;
  // Counted from when the ping was due, as the client does, but never less than half of the span: after a long stall of ours nobody is
  // given up who could not have answered.
  pong_until_ = std::max(ping_at_ + options_->ping_timeout, now + options_->ping_timeout / 2);
  return Due::kSendPing;
}

}  // namespace p2p::socketio
