#pragma once

#include <functional>
#include <memory>

#include "engine_hub.hpp"
#include "signaling_service.hpp"

namespace p2p::net {

/// The signaling service over Engine.IO sessions: one Socket.IO connection each, of the namespace `/` alone.
///
/// Always holds: the service hears only of sessions that joined the namespace, and of their end; one that does not join in time is
/// closed.
class SignalingSessions {
 public:
  SignalingSessions(EngineHub::Options hub, SignalingService::Options signaling, std::function<Instant()> now);

  [[nodiscard]] EngineHub& hub() { return hub_; }
  [[nodiscard]] const EngineHub& hub() const { return hub_; }
  void handle_time();

 private:
  class Session;

  std::function<Instant()> now_;
  EngineHub hub_;
  SignalingService service_;
};

}  // namespace p2p::net
