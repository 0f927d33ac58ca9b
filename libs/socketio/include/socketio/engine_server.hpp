#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/time.hpp"
#include "socketio/engine_packet.hpp"

namespace p2p::socketio {

enum class Transport : std::uint8_t { kPolling, kWebSocket };

/// A message for the layer above.
struct EngineMessage {
  bool binary = false;
  std::string_view data;
};
/// Send this packet back over the transport that the packet came by.
struct EngineReply {
  std::string_view packet;
};
/// The probing WebSocket is the transport from now on: send what the polling queue holds.
struct EngineUpgraded {};
/// The client said goodbye.
struct EngineClosed {};
/// The client broke the protocol: close the session.
struct EngineFailure {
  const char* why;
};
struct EngineNothing {};

using EngineEvent = std::variant<EngineNothing, EngineMessage, EngineReply, EngineUpgraded, EngineClosed, EngineFailure>;

/// One client's Engine.IO session as the server sees it: heartbeats and the upgrade from polling to WebSocket.
///
/// Always holds: at most one ping is unanswered; messages count only from the current transport; a second upgrade cannot
/// begin while one is under way or done.
///
/// Out of scope: the queue of packets that wait for a poll, the session id, HTTP status codes (libs/net).
class EngineServer {
 public:
  struct Options {
    Duration ping_interval = 25s;  ///< both are the protocol's defaults
    Duration ping_timeout = 20s;
    Duration upgrade_timeout = 10s;
  };
  enum class Due : std::uint8_t { kNothing, kSendPing, kDropProbe, kTimeout };

  /// `options` outlives the session: thousands share it.
  EngineServer(const Options& options, Transport transport, Instant now)
      : options_{&options}, ping_at_{now + options.ping_interval}, transport_{transport} {}

  [[nodiscard]] Transport transport() const { return transport_; }

  /// A WebSocket came for this polling session. False: refuse it.
  [[nodiscard]] bool begin_upgrade(Instant now);
  /// The probing WebSocket is gone; polling goes on.
  void abandon_upgrade() { probe_until_ = kNever; probed_ = false; }
  [[nodiscard]] bool upgrading() const { return probe_until_ != kNever; }

  /// A packet by `from`. The event shows parts of `packet`.
  [[nodiscard]] EngineEvent handle(Transport from, const EnginePacket& packet, Instant now);

  /// What time asks for; call until it says kNothing.
  [[nodiscard]] Due handle_time(Instant now);
  [[nodiscard]] Instant next_wake() const { return awaiting_pong_ ? std::min(pong_until_, probe_until_) : std::min(ping_at_, probe_until_); }

 private:
  [[nodiscard]] EngineEvent handle_probe(const EnginePacket& packet, Instant now);

  const Options* options_;
  Instant ping_at_;
  Instant pong_until_ = kNever;
  Instant probe_until_ = kNever;
  Transport transport_;
  bool awaiting_pong_ = false;
  bool probed_ = false;
};

}  // namespace p2p::socketio
