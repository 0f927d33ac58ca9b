#include <algorithm>
#include <utility>

#include "engine_session.hpp"
#include "base/utf8.hpp"
#include "socketio/websocket_handshake.hpp"

/// The hub's HTTP: handshakes, polls, posts and what is refused.
namespace p2p::net {
namespace {

using socketio::CloseCode;
using socketio::EnginePacketType;
using socketio::Transport;

constexpr std::size_t kPacketsInPostMax = 8'192;  // as many of the shortest events as fit into a body; each costs a token

// Engine.IO's own codes.
constexpr int kTransportUnknown = 0;
constexpr int kSessionUnknown = 1;
constexpr int kBadMethod = 2;
constexpr int kBadRequest = 3;
constexpr int kForbidden = 4;
constexpr int kUnsupportedVersion = 5;

}  // namespace

void EngineHub::handle_request(const ConnectionPtr& connection, const HttpRequest& request) {
  if (!options_.gate->origin_allowed(connection->remote(), connection->tls(), request)) {
    options_.gate->metrics.count(TurnedAway::kOrigin);
    connection->respond(refusal_to(request, kForbidden, "This server does not serve pages of that origin."));
    return;
  }
  if (request.method == "OPTIONS") {
    connection->respond(preflight_response(request, "GET, POST"));
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
  const SessionPtr session = sid ? find_in_time(*sid) : nullptr;
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

HttpResponse EngineHub::response_to(const HttpRequest& request, int status, std::string body) const {
  HttpResponse response{.status = status, .body = std::move(body), .keep_alive = request.keep_alive, .head_only = request.method == "HEAD"};
  if (status != 403) add_cors_fields(response, request);  // who got here was allowed
  response.fields.emplace_back("Cache-Control", "no-store");
  response.fields.emplace_back("X-Content-Type-Options", "nosniff");
  if (!response.body.empty()) response.fields.emplace_back("Content-Type", "text/plain; charset=utf-8");
  return response;
}

HttpResponse EngineHub::refusal_to(const HttpRequest& request, int code, std::string_view message) const {
  HttpResponse response = response_to(request, code == kForbidden ? 403 : 400, "{\"code\":" + std::to_string(code) + ",\"message\":\"" + std::string{message} + "\"}");
  response.fields.back().second = "application/json";
  return response;
}

void EngineHub::open_by_polling(const ConnectionPtr& connection, const HttpRequest& request) {
  auto session = make_session(Transport::kPolling, connection, request);
  connection->respond(session ? response_to(request, 200, open_packet(**session, true)) : std::move(session.error()));
}

void EngineHub::open_websocket(const ConnectionPtr& connection, const HttpRequest& request, const SessionPtr& upgraded) {
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
  std::expected<SessionPtr, HttpResponse> made = upgraded;
  if (!upgraded) made = make_session(Transport::kWebSocket, connection, request);
  if (!made) {
    connection->respond(std::move(made.error()));
    return;
  }
  const SessionPtr session = *made;
  const std::string accepted = response_head({.status = 101,
                                              .fields = {{"Upgrade", "websocket"},
                                                         {"Connection", "Upgrade"},
                                                         {"Sec-WebSocket-Accept", socketio::websocket_accept(key)}}});
  if (upgraded && (upgraded->closed || !upgraded->engine.begin_upgrade(now_()))) {
    // As the stock server refuses a second one: the session goes on undisturbed, and clients have a WebSocket that closes.
    connection->upgrade(accepted);
    connection->close_websocket(CloseCode::kPolicyViolation, {});
    return;
  }
  if (upgraded) schedule(*upgraded, now_());
  connection->session = session->id;
  (upgraded ? upgraded->polling->probe : session->websocket) = connection;
  connection->upgrade(accepted);
  if (!upgraded) connection->send_text(open_packet(*session, false));
}

void EngineHub::handle_poll(const ConnectionPtr& connection, const HttpRequest& request, const SessionPtr& session) {
  if (session->closed) {
    // The transport's own goodbye comes alone, after the last packets: stock clients read packets later than the transport's end.
    const bool last = !session->polling || session->polling->queue.empty();
    if (session->polling) session->polling->queued.set(0);
    connection->respond(response_to(request, 200, last ? socketio::engine_packet(EnginePacketType::kClose) : std::exchange(session->polling->queue, {})));
    if (last) forget(session);
    return;
  }
  if (!session->polling || session->polling->poll) {
    connection->respond(refusal_to(request, kBadRequest, "Bad request"));
    if (session->polling) doom(*session, SessionEnd::kProtocolError);  // two polls at once: the client is broken, or there are two of it
    return;
  }
  connection->session = session->id;
  session->polling->poll = connection;
  session->polling->poll_request = request;
  if (session->polling->queue.empty() && session->polling->probed) session->polling->queue = socketio::engine_packet(EnginePacketType::kNoop);
  answer_poll(*session);
}

void EngineHub::handle_post(const ConnectionPtr& connection, const HttpRequest& request, const SessionPtr& session) {
  if (session->closed) {
    connection->respond(response_to(request, 200, "ok"));  // it learns from its next poll
    return;
  }
  const auto packets = socketio::parse_engine_payload(request.body, kPacketsInPostMax);
  if (!packets || !is_utf8(request.body)) {
    connection->respond(refusal_to(request, kBadRequest, "Bad request"));
    doom(*session, SessionEnd::kProtocolError);
    return;
  }
  connection->respond(response_to(request, 200, "ok"));
  for (const socketio::EnginePacket& packet : *packets) {
    if (session->closed || session->ending) return;
    handle_packet(session, connection, Transport::kPolling, packet);
  }
}

}  // namespace p2p::net
