#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "engine_hub.hpp"

namespace p2p::net {

/// What the hub keeps of one session.
struct EngineHub::Session {
  /// What only a polling client needs; dropped with the upgrade.
  struct Polling {
    std::string queue;  // an HTTP body in the making
    ConnectionPtr poll;
    HttpRequest poll_request;  // its Origin decides the answer's fields
    ConnectionPtr probe;
    bool probed = false;
  };

  Session(ConnectionId with_id, const socketio::EngineServer::Options& engine_options, socketio::Transport transport, Instant now)
      : id{with_id}, engine{engine_options, transport, now} {
    if (transport == socketio::Transport::kPolling) polling = std::make_unique<Polling>();
  }

  ConnectionId id;
  std::array<std::byte, 16> secret{};
  std::string prefix;  // network_prefix
  std::string host;    // host_of the client's Host field
  socketio::EngineServer engine;
  std::unique_ptr<SessionHandler> handler;
  Instant visit_at = kNever;   // its entry among the hub's wakes
  Instant forget_at = kNever;  // closed, but its last packets wait for a poll until then
  ConnectionPtr websocket;
  std::unique_ptr<Polling> polling;
  std::optional<SessionEnd> ending;  // it is doomed
  bool closed = false;

  [[nodiscard]] Instant next_wake() const { return closed ? forget_at : std::min(engine.next_wake(), handler->next_wake()); }
};

}  // namespace p2p::net
