#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "connection.hpp"
#include "signaling_service.hpp"
#include "socketio/engine_server.hpp"
#include "socketio/socket_server.hpp"

namespace p2p::net {

/// Carries Engine.IO sessions over connections, by polling, by WebSocket or by an upgrade from one to the other, and hands what
/// they say to the signaling service.
///
/// Always holds: a session has one current transport; its id is 192 random bits and never shown to others; packets wait for a
/// poll up to Connection::kUnsentMax bytes.
class SessionHub {
 public:
  using ConnectionId = directory::ConnectionId;
  using ConnectionPtr = std::shared_ptr<Connection>;
  struct Options {
    std::vector<std::string> allowed_origins;  ///< besides the server's own; "*" for all
    SignalingService::Options signaling;
    socketio::EngineServer::Options engine;
  };

  SessionHub(Options options, std::function<Instant()> now);
  ~SessionHub();

  /// A request for /socket.io/.
  void handle_request(const ConnectionPtr& connection, const HttpRequest& request);
  void handle_message(const ConnectionPtr& connection, bool binary, std::string_view data);
  void handle_gone(const ConnectionPtr& connection);
  /// Several times a second.
  void handle_time();
  /// Says goodbye to everyone in a way that makes clients come back.
  void shut_down();

  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }

 private:
  struct Session;
  using SessionPtr = std::shared_ptr<Session>;

  [[nodiscard]] bool origin_allowed(const HttpRequest& request) const;
  [[nodiscard]] HttpResponse response_to(const HttpRequest& request, int status, std::string body) const;
  [[nodiscard]] HttpResponse refusal_to(const HttpRequest& request, int code, std::string_view message) const;
  [[nodiscard]] SessionPtr find(std::string_view sid) const;
  [[nodiscard]] SessionPtr find(ConnectionId id) const;
  [[nodiscard]] SessionPtr make_session(socketio::Transport transport, const ConnectionPtr& connection, const HttpRequest& request);
  [[nodiscard]] std::string open_packet(const Session& session, bool upgrades) const;

  void open_by_polling(const ConnectionPtr& connection, const HttpRequest& request);
  void open_websocket(const ConnectionPtr& connection, const HttpRequest& request, const SessionPtr& upgraded);
  void handle_poll(const ConnectionPtr& connection, const HttpRequest& request, const SessionPtr& session);
  void handle_post(const ConnectionPtr& connection, const HttpRequest& request, const SessionPtr& session);
  void handle_packet(const SessionPtr& session, const ConnectionPtr& by, socketio::Transport from, const socketio::EnginePacket& packet);
  void handle_engine_message(const SessionPtr& session, const socketio::EngineMessage& message);
  void complete_upgrade(Session& session);
  void handle_session_time(const SessionPtr& session, Instant now);

  void send(Session& session, std::string_view packet);
  void answer_poll(Session& session);
  void doom(ConnectionId id) { doomed_.push_back(id); }
  void settle();
  void close(const SessionPtr& session, socketio::CloseCode code);
  /// Told to leave by its last packet: it may close the transport itself, which stock clients want to have seen first.
  void dismiss(const SessionPtr& session);
  void forget(const SessionPtr& session);

  Options options_;
  std::function<Instant()> now_;
  std::unordered_map<ConnectionId, SessionPtr> sessions_;
  std::vector<Session*> visiting_;  // the same, for visits in turn
  std::size_t visit_at_ = 0;
  std::vector<ConnectionId> doomed_;  // closed once the call under way is done
  std::vector<ConnectionId> dismissed_;  // likewise
  SignalingService service_;
};

}  // namespace p2p::net
