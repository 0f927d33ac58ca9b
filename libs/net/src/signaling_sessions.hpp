#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine_hub.hpp"
#include "signaling_service.hpp"

namespace p2p::net {

/// The signaling service over Engine.IO sessions: one Socket.IO connection each, of the namespace `/` alone.
///
/// Always holds: the service hears only of sessions that joined the namespace, and of their end; one that does not join in time is
/// closed.
class SignalingSessions {
 public:
  struct Options {
    EngineHub::Options hub;
    SignalingService::Options signaling;
    Duration connect_within = 20s;  ///< from the transport's opening to the namespace's
  };
  SignalingSessions(Options options, std::function<Instant()> now);

  [[nodiscard]] EngineHub& hub() { return hub_; }
  [[nodiscard]] const EngineHub& hub() const { return hub_; }
  void handle_time();
  [[nodiscard]] Instant next_wake() const { return service_.has_news() ? Instant::min() : hub_.next_wake(); }
  /// Tells everybody to come back in a while, and says goodbye: to a thousand now, to the others when it is called again.
  void shut_down();
  [[nodiscard]] directory::Census census() const { return service_.census(); }
  [[nodiscard]] const SignalingService& service() const { return service_; }

 private:
  class Session;

  std::function<Instant()> now_;
  Duration connect_within_;
  std::optional<std::string> leaving_;  // what is said to everybody before the goodbye
  EngineHub hub_;
  SignalingService service_;
};

}  // namespace p2p::net
