#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "engine_hub.hpp"
#include "socketio/recovery.hpp"
#include "socketio/socket_server.hpp"

/// What `socketio-echo` does with its sessions: as the public test suites of the two protocols want it, and our own.
namespace p2p::echo {

/// Engine.IO alone: every message goes back.
class EngineEcho {
 public:
  EngineEcho(net::EngineHub::Options options, std::function<Instant()> now);
  [[nodiscard]] net::EngineHub& hub() { return hub_; }
  [[nodiscard]] const net::EngineHub& hub() const { return hub_; }

 private:
  class Session;
  net::EngineHub hub_;
};

/// Socket.IO with the namespaces `/` and `/custom`: `auth` on connect with what the client gave, `message` is answered by
/// `message-back`, `message-with-ack` by its acknowledgement, all with the same arguments. With recovery, clients that lost their transport
/// come back as who they were, without a second `auth`.
class SocketEcho {
 public:
  struct Options {
    net::EngineHub::Options hub;
    Duration connect_within = 45s;  ///< from the transport's opening to the first namespace's, as the stock server has it
    bool recovery = false;
  };
  SocketEcho(Options options, std::function<Instant()> now);
  [[nodiscard]] net::EngineHub& hub() { return hub_; }
  [[nodiscard]] const net::EngineHub& hub() const { return hub_; }
  void handle_time();

 private:
  class Session;
  std::function<Instant()> now_;
  std::optional<socketio::RecoveryStore> recovery_;
  Duration connect_within_;
  socketio::SocketServer::Options socket_;
  net::EngineHub hub_;
};

}  // namespace p2p::echo
