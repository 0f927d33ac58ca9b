#include "session_hub.hpp"

#include <openssl/crypto.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "base/hex.hpp"
#include "json_fields.hpp"
#include "net/stream_key.hpp"
#include "network_prefix.hpp"
#include "socketio/socket_packet.hpp"
#include "socketio/utf8.hpp"
#include "socketio/websocket_handshake.hpp"

namespace p2p::net {
namespace {

using socketio::CloseCode;
using socketio::EnginePacketType;
using socketio::Transport;

constexpr std::size_t kPacketsInPostMax = 8'192;  // as many of the shortest events as fit into a body; each costs a token
constexpr Duration kLinger = 5s;  // for a polling client to fetch the goodbye
constexpr Duration kConnectWithin = 20s;  // from the transport's opening to the namespace's

// Engine.IO's own codes.
constexpr int kTransportUnknown = 0;
constexpr int kSessionUnknown = 1;
constexpr int kBadMethod = 2;
constexpr int kBadRequest = 3;
constexpr int kForbidden = 4;
constexpr int kUnsupportedVersion = 5;

}  // namespace

struct SessionHub::Session {
  /// What only a polling client needs; dropped with the upgrade.
  struct Polling {
    std::string queue;  // an HTTP body in the making
    ConnectionPtr poll;
    HttpRequest poll_request;  // its Origin decides the answer's fields
    ConnectionPtr probe;
    bool probed = false;
  };

  Session(ConnectionId with_id, const socketio::EngineServer::Options& engine_options, Transport transport, Instant now)
      : id{with_id}, engine{engine_options, transport, now}, connect_until{now + kConnectWithin} {
    if (transport == Transport::kPolling) polling = std::make_unique<Polling>();
  }

  ConnectionId id;
  std::array<std::byte, 16> secret{};
  std::string prefix;  // network_prefix
  socketio::EngineServer engine;
  socketio::SocketServer socket;
  Instant connect_until;
  Instant forget_at = kNever;  // closed, but its last packets wait for a poll until then
  ConnectionPtr websocket;
  std::unique_ptr<Polling> polling;
  std::size_t slot = 0;
  bool greeted = false;
  bool closed = false;
};

SessionHub::SessionHub(Options options, std::function<Instant()> now)
    : options_{std::move(options)},
      now_{std::move(now)},
      service_{options_.signaling, {.send =
                                        [this](ConnectionId id, std::string_view packet) {
                                          if (const SessionPtr session = find(id)) send(*session, packet);
                                        },
                                    .close = [this](ConnectionId id) { dismissed_.push_back(id); },
                                    .prefix =
                                        [this](ConnectionId id) {
                                          const SessionPtr session = find(id);
                                          return session ? session->prefix : std::string{};
                                        }}} {}

SessionHub::~SessionHub() = default;

void SessionHub::handle_request(const ConnectionPtr& connection, const HttpRequest& request) {
  if (!origin_allowed(request)) {
    connection->respond(refusal_to(request, kForbidden, "This server does not serve pages of that origin."));
    return;
  }
  if (request.method == "OPTIONS") {
    HttpResponse response = response_to(request, 204, {});
    response.fields.emplace_back("Access-Control-Allow-Methods", "GET, POST");
    response.fields.emplace_back("Access-Control-Allow-Headers", "Content-Type");
    response.fields.emplace_back("Access-Control-Max-Age", "86400");
    connection->respond(std::move(response));
    return;
  }
  const auto transport = request.parameter("transport");
  if (transport != "polling" && transport != "websocket") {
    connection->respond(refusal_to(request, kTransportUnknown, "Transport unknown"));
    return;
  }
  if (request.parameter("EIO") != "4") {
    connection->respond(refusal_to(request, kUnsupportedVersion, "Unsupported protocol version"));
    return;
  }
  const auto sid = request.parameter("sid");
  const SessionPtr session = sid ? find(*sid) : nullptr;
  if (sid && !session) {
    connection->respond(refusal_to(request, kSessionUnknown, "Session ID unknown"));
  } else if (transport == "websocket") {
    open_websocket(connection, request, session);
  } else if (session && request.method == "GET") {
    handle_poll(connection, request, session);
  } else if (session && request.method == "POST") {
    handle_post(connection, request, session);
  } else if (!session && request.method == "GET") {
    open_by_polling(connection, request);
  } else {
    connection->respond(refusal_to(request, kBadMethod, "Bad handshake method"));
  }
  settle();
}

bool SessionHub::origin_allowed(const HttpRequest& request) const {
  const std::string_view origin = request.field("Origin");
  if (origin.empty()) return true;  // not a page: programs may come from anywhere
  const std::size_t scheme = origin.find("://");
  if (scheme != std::string_view::npos && equal_ignoring_case(origin.substr(scheme + 3), request.field("Host"))) return true;
  return std::ranges::any_of(options_.allowed_origins, [&](const std::string& allowed) { return allowed == "*" || equal_ignoring_case(allowed, origin); });
}

HttpResponse SessionHub::response_to(const HttpRequest& request, int status, std::string body) const {
  HttpResponse response{.status = status, .body = std::move(body), .keep_alive = request.keep_alive, .head_only = request.method == "HEAD"};
  if (const std::string_view origin = request.field("Origin"); !origin.empty() && origin_allowed(request)) {
    response.fields.emplace_back("Access-Control-Allow-Origin", origin);
    response.fields.emplace_back("Vary", "Origin");
  }
  response.fields.emplace_back("Cache-Control", "no-store");
  response.fields.emplace_back("X-Content-Type-Options", "nosniff");
  if (!response.body.empty()) response.fields.emplace_back("Content-Type", "text/plain; charset=utf-8");
  return response;
}

HttpResponse SessionHub::refusal_to(const HttpRequest& request, int code, std::string_view message) const {
  HttpResponse response = response_to(request, code == kForbidden ? 403 : 400, "{\"code\":" + std::to_string(code) + ",\"message\":\"" + std::string{message} + "\"}");
  response.fields.back().second = "application/json";
  return response;
}

SessionHub::SessionPtr SessionHub::find(std::string_view sid) const {
  std::array<std::byte, 24> bytes{};
  if (!read_hex(sid, bytes.data(), bytes.size())) return nullptr;
  const SessionPtr session = find(ConnectionId{read_big_endian(bytes, 0, 8)});
  return session && CRYPTO_memcmp(bytes.data() + 8, session->secret.data(), session->secret.size()) == 0 ? session : nullptr;
}

SessionHub::SessionPtr SessionHub::find(ConnectionId id) const {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second;
}

SessionHub::SessionPtr SessionHub::make_session(Transport transport, const ConnectionPtr& connection, const HttpRequest& request) {
  if (sessions_.size() >= options_.signaling.directory.connections_max) return nullptr;
  std::array<std::byte, 8> bytes{};
  do {
    fill_random(bytes);
  } while (read_big_endian(bytes, 0, 8) == 0 || sessions_.contains(ConnectionId{read_big_endian(bytes, 0, 8)}));
  const auto session = std::make_shared<Session>(ConnectionId{read_big_endian(bytes, 0, 8)}, options_.engine, transport, now_());
  fill_random(session->secret);
  session->prefix = network_prefix(connection->remote(), request.field("X-Forwarded-For"));
  session->slot = visiting_.size();
  visiting_.push_back(session.get());
  sessions_.emplace(session->id, session);
  return session;
}

std::string SessionHub::open_packet(const Session& session, bool upgrades) const {
  Bytes sid;
  append_big_endian(sid, session.id.value);
  append(sid, session.secret);
  return socketio::engine_open_packet({.sid = to_hex(sid),
                                       .ping_interval = options_.engine.ping_interval,
                                       .ping_timeout = options_.engine.ping_timeout,
                                       .bytes_max = Connection::kMessageMax},
                                      upgrades);
}

void SessionHub::open_by_polling(const ConnectionPtr& connection, const HttpRequest& request) {
  const SessionPtr session = make_session(Transport::kPolling, connection, request);
  if (!session) {
    connection->respond(response_to(request, 503, "The server is full. Try again later.\n"));
    return;
  }
  connection->respond(response_to(request, 200, open_packet(*session, true)));
}

void SessionHub::open_websocket(const ConnectionPtr& connection, const HttpRequest& request, const SessionPtr& upgraded) {
  const std::string_view key = request.field("Sec-WebSocket-Key");
  if (request.method != "GET" || !request.upgrade || !request.lists("Upgrade", "websocket") || !socketio::is_websocket_key(key)) {
    connection->respond(refusal_to(request, kBadRequest, "Bad request"));
    return;
  }
  if (request.field("Sec-WebSocket-Version") != "13") {
    HttpResponse response = response_to(request, 426, "Only version 13 of WebSocket is spoken here.\n");
    response.fields.emplace_back("Sec-WebSocket-Version", "13");
    connection->respond(std::move(response));
    return;
  }
  const SessionPtr session = upgraded ? upgraded : make_session(Transport::kWebSocket, connection, request);
  if (!session) {
    connection->respond(response_to(request, 503, "The server is full. Try again later.\n"));
    return;
  }
  if (upgraded && (upgraded->closed || !upgraded->engine.begin_upgrade(now_()))) {
    connection->respond(refusal_to(request, kBadRequest, "Bad request"));
    return;
  }
  connection->session = session->id;
  (upgraded ? upgraded->polling->probe : session->websocket) = connection;
  connection->upgrade(response_head({.status = 101,
                                     .fields = {{"Upgrade", "websocket"},
                                                {"Connection", "Upgrade"},
                                                {"Sec-WebSocket-Accept", socketio::websocket_accept(key)}}}));
  if (!upgraded) connection->send_text(open_packet(*session, false));
}

void SessionHub::handle_poll(const ConnectionPtr& connection, const HttpRequest& request, const SessionPtr& session) {
  if (session->closed) {
    // The transport's own goodbye comes alone, after the last packets: stock clients read packets later than the transport's end.
    const bool last = !session->polling || session->polling->queue.empty();
    connection->respond(response_to(request, 200, last ? socketio::engine_packet(EnginePacketType::kClose) : std::exchange(session->polling->queue, {})));
    if (last) forget(session);
    return;
  }
  if (!session->polling || session->polling->poll) {
    connection->respond(refusal_to(request, kBadRequest, "Bad request"));
    if (session->polling) doom(session->id);  // two polls at once: the client is broken, or there are two of it
    return;
  }
  connection->session = session->id;
  session->polling->poll = connection;
  session->polling->poll_request = request;
  if (session->polling->queue.empty() && session->polling->probed) session->polling->queue = socketio::engine_packet(EnginePacketType::kNoop);
  answer_poll(*session);
}

void SessionHub::handle_post(const ConnectionPtr& connection, const HttpRequest& request, const SessionPtr& session) {
  if (session->closed) {
    connection->respond(response_to(request, 200, "ok"));  // it learns from its next poll
    return;
  }
  const auto packets = socketio::parse_engine_payload(request.body, kPacketsInPostMax);
  if (!packets || !socketio::is_utf8(request.body)) {
    connection->respond(refusal_to(request, kBadRequest, "Bad request"));
    doom(session->id);
    return;
  }
  connection->respond(response_to(request, 200, "ok"));
  for (const socketio::EnginePacket& packet : *packets) {
    if (session->closed || std::ranges::find(doomed_, session->id) != doomed_.end()) return;
    handle_packet(session, connection, Transport::kPolling, packet);
  }
}

void SessionHub::handle_message(const ConnectionPtr& connection, bool binary, std::string_view data) {
  const SessionPtr session = find(connection->session);
  if (!session || session->closed) return;
  if (binary) {
    handle_packet(session, connection, Transport::kWebSocket, {.type = EnginePacketType::kMessage, .binary = true, .data = data});
  } else if (const auto packet = socketio::parse_engine_packet(data); packet && !packet->binary) {
    handle_packet(session, connection, Transport::kWebSocket, *packet);
  } else {
    doom(session->id);
  }
  settle();
}

void SessionHub::handle_packet(const SessionPtr& session, const ConnectionPtr& by, Transport from, const socketio::EnginePacket& packet) {
  const socketio::EngineEvent event = session->engine.handle(from, packet, now_());
  if (session->greeted) service_.heard(session->id, now_());
  if (const auto* message = std::get_if<socketio::EngineMessage>(&event)) {
    handle_engine_message(session, *message);
  } else if (const auto* reply = std::get_if<socketio::EngineReply>(&event)) {
    by->send_text(reply->packet);
    session->polling->probed = true;
    if (session->polling->poll && session->polling->queue.empty()) session->polling->queue = socketio::engine_packet(EnginePacketType::kNoop);
    answer_poll(*session);
  } else if (std::holds_alternative<socketio::EngineUpgraded>(event)) {
    complete_upgrade(*session);
  } else if (std::holds_alternative<socketio::EngineClosed>(event)) {
    doom(session->id);
  } else if (const auto* failure = std::get_if<socketio::EngineFailure>(&event)) {
    spdlog::debug("a client broke Engine.IO: {}", failure->why);
    if (session->polling && session->polling->probe == by && from == Transport::kWebSocket) {
      by->close_websocket(CloseCode::kProtocolError, {});  // a broken probe costs the probe only
    } else {
      doom(session->id);
    }
  }
}

void SessionHub::handle_engine_message(const SessionPtr& session, const socketio::EngineMessage& message) {
  const Result<socketio::SocketInput> input = session->socket.handle(message.binary, message.data);
  if (!input) {
    spdlog::debug("a client broke Socket.IO: {}", input.error().text);
    doom(session->id);
    return;
  }
  if (std::holds_alternative<socketio::SocketConnect>(*input)) {
    session->greeted = service_.connected(session->id, now_());
    if (!session->greeted) doom(session->id);
  } else if (const auto* event = std::get_if<socketio::SocketEvent>(&*input)) {
    service_.handle_event(session->id, *event, now_());
  } else if (const auto* reply = std::get_if<socketio::SocketReply>(&*input)) {
    send(*session, reply->packet);
  } else if (std::holds_alternative<socketio::SocketDisconnect>(*input)) {
    doom(session->id);
  }
}

void SessionHub::complete_upgrade(Session& session) {
  const std::unique_ptr<Session::Polling> polling = std::move(session.polling);
  session.websocket = polling->probe;
  if (polling->poll) polling->poll->respond(response_to(polling->poll_request, 200, socketio::engine_packet(EnginePacketType::kNoop)));
  std::string_view rest = polling->queue;
  while (!rest.empty()) {
    const std::string_view packet = rest.substr(0, rest.find('\x1e'));
    rest.remove_prefix(std::min(rest.size(), packet.size() + 1));
    if (packet != "6") session.websocket->send_text(packet);
  }
}

void SessionHub::handle_gone(const ConnectionPtr& connection) {
  const SessionPtr session = find(connection->session);
  if (!session) return;
  if (session->closed) {
    if (session->websocket == connection) forget(session);
    return;
  }
  if (session->websocket == connection) doom(session->id);
  if (session->polling && session->polling->probe == connection) {
    session->engine.abandon_upgrade();
    session->polling->probe.reset();
    session->polling->probed = false;
  }
  // A lost poll alone proves nothing: the client may poll again; its heartbeat decides.
  if (session->polling && session->polling->poll == connection) session->polling->poll.reset();
  settle();
}

void SessionHub::handle_time() {
  const Instant now = now_();
  if (now >= service_.next_wake()) service_.handle_time(now);
  constexpr std::size_t kTurns = 8;  // every session is visited about once in this many calls
  const std::size_t visits = std::min(visiting_.size(), visiting_.size() / kTurns + 1);
  for (std::size_t i = 0; i < visits; ++i) {
    if (visit_at_ >= visiting_.size()) visit_at_ = 0;
    handle_session_time(SessionPtr{sessions_.at(visiting_[visit_at_++]->id)}, now);
  }
  settle();
}

void SessionHub::handle_session_time(const SessionPtr& session, Instant now) {
  if (session->closed) {
    if (now < session->forget_at) return;
    if (session->websocket) session->websocket->close_websocket(CloseCode::kNormal, {});
    forget(session);
    return;
  }
  if (!session->greeted && now >= session->connect_until) doom(session->id);
  for (auto due = session->engine.handle_time(now); due != socketio::EngineServer::Due::kNothing; due = session->engine.handle_time(now)) {
    if (due == socketio::EngineServer::Due::kTimeout) {
      doom(session->id);
      return;
    }
    if (due == socketio::EngineServer::Due::kSendPing) send(*session, socketio::engine_packet(EnginePacketType::kPing));
    if (due == socketio::EngineServer::Due::kDropProbe && session->polling->probe) session->polling->probe->close_websocket(CloseCode::kPolicyViolation, {});
  }
}

void SessionHub::shut_down() {
  const auto sessions = sessions_;
  for (const auto& [id, session] : sessions) close(session, CloseCode::kGoingAway);
}

void SessionHub::send(Session& session, std::string_view packet) {
  if (session.closed) return;
  if (session.websocket) {
    session.websocket->send_text(packet);
    return;
  }
  if (!session.polling || session.polling->queue.size() + packet.size() > Connection::kUnsentMax) {
    doom(session.id);
    return;
  }
  socketio::append_to_payload(session.polling->queue, packet);
  answer_poll(session);
}

void SessionHub::answer_poll(Session& session) {
  Session::Polling& polling = *session.polling;
  if (!polling.poll || polling.queue.empty()) return;
  const ConnectionPtr poll = std::move(polling.poll);
  polling.poll.reset();
  poll->session = {};
  poll->respond(response_to(polling.poll_request, 200, std::exchange(polling.queue, {})));
}

void SessionHub::settle() {
  while (!doomed_.empty() || !dismissed_.empty()) {
    std::vector<ConnectionId>& next = doomed_.empty() ? dismissed_ : doomed_;
    const bool dismissed = doomed_.empty();
    const SessionPtr session = find(next.back());
    next.pop_back();
    if (session && dismissed) dismiss(session);
    if (session && !dismissed) close(session, CloseCode::kNormal);
  }
}

void SessionHub::close(const SessionPtr& session, CloseCode code) {
  if (session->closed) return;
  session->closed = true;
  bool waits = false;
  if (session->websocket) session->websocket->close_websocket(code, {});
  if (session->polling) {
    if (session->polling->probe) session->polling->probe->close_websocket(code, {});
    waits = session->polling->poll == nullptr;
    if (!waits) {
      session->polling->queue = socketio::engine_packet(EnginePacketType::kClose);
      answer_poll(*session);
    }
  }
  if (session->greeted) service_.disconnected(session->id, now_());
  if (waits) {
    session->forget_at = now_() + kLinger;
  } else {
    forget(session);
  }
}

void SessionHub::dismiss(const SessionPtr& session) {
  if (session->closed) return;
  session->closed = true;
  session->forget_at = now_() + kLinger;
  if (session->greeted) service_.disconnected(session->id, now_());
}

void SessionHub::forget(const SessionPtr& session) {
  const std::size_t slot = session->slot;
  visiting_[slot] = visiting_.back();
  visiting_[slot]->slot = slot;
  visiting_.pop_back();
  sessions_.erase(ConnectionId{session->id});
}

}  // namespace p2p::net
