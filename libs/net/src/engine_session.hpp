#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "engine_hub.hpp"

namespace p2p::net {

/// A part of a sum, for as long as it lives.
class QueuedBytes {
 public:
  explicit QueuedBytes(std::size_t& sum) : sum_{sum} {}
  ~QueuedBytes() { set(0); }
  QueuedBytes(const QueuedBytes&) = delete;
  QueuedBytes& operator=(const QueuedBytes&) = delete;

  void set(std::size_t bytes) {
    sum_ = sum_ - bytes_ + bytes;
    bytes_ = bytes;
  }

 private:
  std::size_t& sum_;
  std::size_t bytes_ = 0;
};

/// What the hub keeps of one session.
struct EngineHub::Session {
  /// What only a polling client needs; dropped with the upgrade.
  struct Polling {
    explicit Polling(std::size_t& queued_of_all) : queued{queued_of_all} {}

    std::string queue;  // an HTTP body in the making
    QueuedBytes queued;  // its size, among what is queued for all
    ConnectionPtr poll;
    HttpRequest poll_request;  // its Origin decides the answer's fields
    ConnectionPtr probe;
    bool probed = false;
  };

  Session(ConnectionId with_id, const socketio::EngineServer::Options& engine_options, socketio::Transport transport, Instant now)
      : id{with_id}, engine{engine_options, transport, now} {}

  ConnectionId id;
  std::array<std::byte, 16> secret{};
  IpAddress client;
  std::uint64_t number = 0;  // in logs
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
