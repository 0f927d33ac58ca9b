#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "connection.hpp"
#include "gate.hpp"
#include "socketio/engine_server.hpp"

namespace p2p::net {

/// Why a session is over.
enum class SessionEnd : std::uint8_t {
  kClientLeft,     ///< it said goodbye
  kTransportLost,  ///< its WebSocket or its poll is gone, or took no more bytes
  kPingTimeout,
  kProtocolError,  ///< the client broke a protocol
  kDismissed,      ///< we asked for it
  kShutDown,
};
/// As metrics and logs name it.
[[nodiscard]] std::string_view to_text(SessionEnd why);

/// What lies above one session: made when the session opens, destroyed some time after `on_end`. It may call the hub from inside of
/// any method.
class SessionHandler {
 public:
  virtual ~SessionHandler() = default;
  virtual void on_message(bool binary, std::string_view data) = 0;
  /// The client said something, a message or not; comes before on_message.
  virtual void on_heard() {}
  /// `on_time` comes at or soon after this instant. It moves to an earlier one inside of on_message only.
  [[nodiscard]] virtual Instant next_wake() const { return kNever; }
  virtual void on_time(Instant /*now*/) {}
  /// Once; what is sent afterwards goes nowhere.
  virtual void on_end(SessionEnd /*why*/) {}
};

/// Carries Engine.IO sessions over connections, by polling, by WebSocket or by an upgrade from one to the other; what they say is for
/// their handlers.
///
/// Always holds: a session has one current transport; its id is 192 random bits and never shown to others; packets wait for a
/// poll up to the limit of bytes unsent. A session ends after the call under way, never inside of it.
///
/// Out of scope: what messages mean, which paths are served.
class EngineHub {
 public:
  using ConnectionId = directory::ConnectionId;
  using ConnectionPtr = std::shared_ptr<Connection>;
  struct Options {
    std::size_t sessions_max = 50'000;
    ConnectionLimits limits;
    socketio::EngineServer::Options engine;
    std::shared_ptr<Gate> gate = std::make_shared<Gate>();
  };
  using MakeHandler = std::function<std::unique_ptr<SessionHandler>(ConnectionId)>;

  EngineHub(Options options, std::function<Instant()> now, MakeHandler make_handler);
  ~EngineHub();

  // ---- for what lies below

  /// A request for the path of Engine.IO.
  void handle_request(const ConnectionPtr& connection, const HttpRequest& request);
  void handle_message(const ConnectionPtr& connection, bool binary, std::string_view data);
  void handle_gone(const ConnectionPtr& connection);
  void handle_time();
  [[nodiscard]] Instant next_wake() const { return wakes_.empty() ? kNever : wakes_.top().at; }
  /// Says goodbye to everyone in a way that makes clients come back, after a last packet if there is one: to `goodbyes_max` now, to the
  /// others when it is called again. No session opens from then on.
  void shut_down(std::size_t goodbyes_max, std::string_view last_packet = {});

  // ---- for what lies above

  /// An Engine.IO packet as text. To an id that is gone: nothing.
  void send(ConnectionId id, std::string_view packet);
  /// A message of bytes.
  void send_binary(ConnectionId id, std::string_view bytes);
  /// Ends the session. A polling client fetches first what was sent to it, unless it is to blame (kProtocolError).
  void close(ConnectionId id, SessionEnd why);
  /// Told to leave by its last packet: it may close the transport itself, which stock clients want to have seen first.
  void dismiss(ConnectionId id) { dismissed_.push_back(id); }
  /// Where the client of a session is; all zeros for an id that is gone.
  [[nodiscard]] IpAddress client(ConnectionId id) const;
  /// How logs name a session: the first of a run is 1. 0 for an id that is gone.
  [[nodiscard]] std::uint64_t number(ConnectionId id) const;
  /// The host under which the client came, as host_of; empty for an id that is gone.
  [[nodiscard]] std::string host(ConnectionId id) const;

  [[nodiscard]] bool has(ConnectionId id) const { return sessions_.contains(id); }
  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }

 private:
  struct Session;
  using SessionPtr = std::shared_ptr<Session>;
  struct Wake {
    Instant at;
    ConnectionId id;
    bool operator>(const Wake& other) const { return at > other.at; }
  };

  [[nodiscard]] HttpResponse response_to(const HttpRequest& request, int status, std::string body) const;
  [[nodiscard]] HttpResponse refusal_to(const HttpRequest& request, int code, std::string_view message) const;
  [[nodiscard]] SessionPtr find(std::string_view sid) const;
  [[nodiscard]] SessionPtr find(ConnectionId id) const;
  [[nodiscard]] SessionPtr find_in_time(std::string_view sid);
  /// Or the answer that says why there is none.
  [[nodiscard]] std::expected<SessionPtr, HttpResponse> make_session(socketio::Transport transport, const ConnectionPtr& connection, const HttpRequest& request);
  [[nodiscard]] std::string open_packet(const Session& session, bool upgrades) const;

  void open_by_polling(const ConnectionPtr& connection, const HttpRequest& request);
  void open_websocket(const ConnectionPtr& connection, const HttpRequest& request, const SessionPtr& upgraded);
  void handle_poll(const ConnectionPtr& connection, const HttpRequest& request, const SessionPtr& session);
  void handle_post(const ConnectionPtr& connection, const HttpRequest& request, const SessionPtr& session);
  void handle_packet(const SessionPtr& session, const ConnectionPtr& by, socketio::Transport from, const socketio::EnginePacket& packet);
  void hand_up(Session& session, socketio::Transport from, const socketio::EngineMessage& message);
  void complete_upgrade(Session& session);
  void handle_session_time(const SessionPtr& session, Instant now);
  void schedule(Session& session, Instant not_before);

  void send(Session& session, std::string_view packet);
  void queue_for_poll(Session& session, std::string_view packet);
  void answer_poll(Session& session);
  void doom(Session& session, SessionEnd why);
  void settle();
  void end(const SessionPtr& session);
  void end_dismissed(Session& session);
  void note_end(Session& session, SessionEnd why);
  void forget(const SessionPtr& session);

  Options options_;
  std::function<Instant()> now_;
  MakeHandler make_handler_;
  std::unordered_map<ConnectionId, SessionPtr> sessions_;
  // When sessions want to be visited. One that is gone, or wants an earlier visit by now, leaves its old entry until its time comes.
  std::priority_queue<Wake, std::vector<Wake>, std::greater<>> wakes_;
  std::uint64_t numbered_ = 0;
  bool draining_ = false;
  std::vector<ConnectionId> doomed_;  // ended once the call under way is done
  std::vector<ConnectionId> dismissed_;  // likewise
};

}  // namespace p2p::net
