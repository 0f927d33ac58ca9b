#include "engine_hub.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

#include "base/hex.hpp"
#include "engine_session.hpp"
#include "json_fields.hpp"
#include "log_line.hpp"
#include "net/stream_key.hpp"
#include "net/ice_servers.hpp"
#include "socketio/base64.hpp"

namespace p2p::net {
namespace {

using socketio::CloseCode;
using socketio::EnginePacketType;
using socketio::Transport;

constexpr Duration kLinger = 5s;  // for a polling client to fetch the goodbye
constexpr Duration kWakeGap = 1ms;  // a visit that did not move the next one cannot be repeated at once

}  // namespace

std::string_view to_text(SessionEnd why) {
  switch (why) {
    case SessionEnd::kClientLeft:
      return "client-left";
    case SessionEnd::kTransportLost:
      return "transport-lost";
    case SessionEnd::kPingTimeout:
      return "ping-timeout";
    case SessionEnd::kProtocolError:
      return "protocol-error";
    case SessionEnd::kDismissed:
      return "dismissed";
    case SessionEnd::kShutDown:
      return "shut-down";
  }
  return "unknown";
}

EngineHub::EngineHub(Options options, std::function<Instant()> now, MakeHandler make_handler)
    : options_{std::move(options)}, now_{std::move(now)}, make_handler_{std::move(make_handler)} {}

EngineHub::~EngineHub() = default;

EngineHub::SessionPtr EngineHub::find(std::string_view sid) const {
  std::array<std::byte, 24> bytes{};
  if (!read_hex(sid, bytes.data(), bytes.size())) return nullptr;
  const SessionPtr session = find(ConnectionId{read_big_endian(bytes, 0, 8)});
  return session && CRYPTO_memcmp(bytes.data() + 8, session->secret.data(), session->secret.size()) == 0 ? session : nullptr;
}

/// A session that time has ended is not there, however late its visit comes.
EngineHub::SessionPtr EngineHub::find_in_time(std::string_view sid) {
  SessionPtr session = find(sid);
  const Instant now = now_();
  if (!session || session->visit_at > now) return session;
  handle_session_time(session, now);
  settle();
  return find(sid);
}

EngineHub::SessionPtr EngineHub::find(ConnectionId id) const {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second;
}

std::expected<EngineHub::SessionPtr, HttpResponse> EngineHub::make_session(Transport transport, const ConnectionPtr& connection, const HttpRequest& request) {
  Gate& gate = *options_.gate;
  const auto refused = [&](int status, std::string why) {
    HttpResponse response = response_to(request, status, std::move(why));
    response.fields.emplace_back("Retry-After", "5");
    return std::unexpected{std::move(response)};
  };
  if (draining_) {
    gate.metrics.count(TurnedAway::kDraining);
    return refused(503, "The server is about to stop. Try again in a few seconds.\n");
  }
  if (sessions_.size() >= options_.sessions_max) {
    gate.metrics.count(TurnedAway::kServerFull);
    return refused(503, "The server is full. Try again later.\n");
  }
  gate.note_client(connection->remote(), request);
  const IpAddress client = gate.proxies.client_of(connection->remote(), request);
  if (const std::optional<Limit> limit = gate.admission.open_session(client, now_())) {
    gate.note_limit(*limit, client, now_());
    return refused(429, "Too many are connected from your network. Try again later.\n");
  }
  std::array<std::byte, 8> bytes{};
  do {
    fill_random(bytes);
  } while (read_big_endian(bytes, 0, 8) == 0 || sessions_.contains(ConnectionId{read_big_endian(bytes, 0, 8)}));
  auto session = std::make_shared<Session>(ConnectionId{read_big_endian(bytes, 0, 8)}, options_.engine, transport, now_());
  fill_random(session->secret);
  session->client = client;
  session->number = ++numbered_;
  if (transport == Transport::kPolling) session->polling = std::make_unique<Session::Polling>(gate.metrics.queued_bytes);
  ++gate.metrics.sessions_opened;
  ++gate.metrics.sessions[static_cast<std::size_t>(transport)];
  session->host = host_of(gate.host_asked(connection->remote(), request)).value_or("");
  session->handler = make_handler_(session->id);
  sessions_.emplace(session->id, session);
  schedule(*session, now_());
  if (log_is_verbose()) {
    log_debug("a session opened", {{"connection", session->number},
                                   {"transport", transport == Transport::kPolling ? "polling" : "websocket"},
                                   {"network", shown(client)}});
  }
  return session;
}

std::string EngineHub::open_packet(const Session& session, bool upgrades) const {
  Bytes sid;
  append_big_endian(sid, session.id.value);
  append(sid, session.secret);
  return socketio::engine_open_packet({.sid = to_hex(sid),
                                       .ping_interval = options_.engine.ping_interval,
                                       .ping_timeout = options_.engine.ping_timeout,
                                       .bytes_max = options_.limits.message_bytes_max},
                                      upgrades);
}

void EngineHub::handle_message(const ConnectionPtr& connection, bool binary, std::string_view data) {
  const SessionPtr session = find(connection->session);
  if (!session || session->closed) return;
  if (binary) {
    handle_packet(session, connection, Transport::kWebSocket, {.type = EnginePacketType::kMessage, .binary = true, .data = data});
  } else if (const auto packet = socketio::parse_engine_packet(data); packet && !packet->binary) {
    handle_packet(session, connection, Transport::kWebSocket, *packet);
  } else {
    doom(*session, SessionEnd::kProtocolError);
  }
  settle();
}

void EngineHub::handle_packet(const SessionPtr& session, const ConnectionPtr& by, Transport from, const socketio::EnginePacket& packet) {
  const socketio::EngineEvent event = session->engine.handle(from, packet, now_());
  session->handler->on_heard();
  if (const auto* message = std::get_if<socketio::EngineMessage>(&event)) {
    hand_up(*session, from, *message);
  } else if (const auto* reply = std::get_if<socketio::EngineReply>(&event)) {
    by->send_text(reply->packet);
    session->polling->probed = true;
    if (session->polling->poll && session->polling->queue.empty()) session->polling->queue = socketio::engine_packet(EnginePacketType::kNoop);
    answer_poll(*session);
  } else if (std::holds_alternative<socketio::EngineUpgraded>(event)) {
    complete_upgrade(*session);
  } else if (std::holds_alternative<socketio::EngineClosed>(event)) {
    doom(*session, SessionEnd::kClientLeft);
  } else if (const auto* failure = std::get_if<socketio::EngineFailure>(&event)) {
    log_debug("a client broke Engine.IO", {{"connection", session->number}, {"why", failure->why}});
    if (session->polling && session->polling->probe == by && from == Transport::kWebSocket) {
      by->close_websocket(CloseCode::kProtocolError, {});  // a broken probe costs the probe only
    } else {
      doom(*session, SessionEnd::kProtocolError);
    }
  }
  schedule(*session, now_());
}

void EngineHub::hand_up(Session& session, Transport from, const socketio::EngineMessage& message) {
  if (!message.binary || from == Transport::kWebSocket) {
    session.handler->on_message(message.binary, message.data);
  } else if (const std::optional<std::string> bytes = socketio::from_base64(message.data)) {
    session.handler->on_message(true, *bytes);
  } else {
    doom(session, SessionEnd::kProtocolError);
  }
}

void EngineHub::complete_upgrade(Session& session) {
  const std::unique_ptr<Session::Polling> polling = std::move(session.polling);
  session.websocket = polling->probe;
  --options_.gate->metrics.sessions[static_cast<std::size_t>(Transport::kPolling)];
  ++options_.gate->metrics.sessions[static_cast<std::size_t>(Transport::kWebSocket)];
  if (polling->poll) polling->poll->respond(response_to(polling->poll_request, 200, socketio::engine_packet(EnginePacketType::kNoop)));
  std::string_view rest = polling->queue;
  while (!rest.empty()) {
    const std::string_view packet = rest.substr(0, rest.find('\x1e'));
    rest.remove_prefix(std::min(rest.size(), packet.size() + 1));
    if (packet.starts_with('b')) {
      session.websocket->send_binary(socketio::from_base64(packet.substr(1)).value_or(std::string{}));
    } else if (packet != "6") {
      session.websocket->send_text(packet);
    }
  }
}

void EngineHub::handle_gone(const ConnectionPtr& connection) {
  const SessionPtr session = find(connection->session);
  if (!session) return;
  if (session->closed) {
    if (session->websocket == connection) forget(session);
    return;
  }
  if (session->websocket == connection) doom(*session, SessionEnd::kTransportLost);
  if (session->polling && session->polling->probe == connection) {
    session->engine.abandon_upgrade();
    session->polling->probe.reset();
    session->polling->probed = false;
  }
  // Stock clients give a session up with its poll, and the stock server does too.
  if (session->polling && session->polling->poll == connection) {
    session->polling->poll.reset();
    doom(*session, SessionEnd::kTransportLost);
  }
  settle();
}

void EngineHub::handle_time() {
  const Instant now = now_();
  while (!wakes_.empty() && wakes_.top().at <= now) {
    const Wake wake = wakes_.top();
    wakes_.pop();
    const SessionPtr session = find(wake.id);
    if (!session || session->visit_at != wake.at) continue;
    session->visit_at = kNever;
    handle_session_time(session, now);
    settle();
    if (has(wake.id)) schedule(*session, now + kWakeGap);
  }
  settle();
}

void EngineHub::handle_session_time(const SessionPtr& session, Instant now) {
  if (session->closed) {
    if (now < session->forget_at) return;
    if (session->websocket) session->websocket->close_websocket(CloseCode::kNormal, {});
    forget(session);
    return;
  }
  if (now >= session->handler->next_wake()) session->handler->on_time(now);
  for (auto due = session->engine.handle_time(now); due != socketio::EngineServer::Due::kNothing; due = session->engine.handle_time(now)) {
    if (due == socketio::EngineServer::Due::kTimeout) {
      doom(*session, SessionEnd::kPingTimeout);
      return;
    }
    if (due == socketio::EngineServer::Due::kSendPing) send(*session, socketio::engine_packet(EnginePacketType::kPing));
    if (due == socketio::EngineServer::Due::kDropProbe && session->polling->probe) session->polling->probe->close_websocket(CloseCode::kPolicyViolation, {});
  }
}

void EngineHub::schedule(Session& session, Instant not_before) {
  const Instant wake = std::max(session.next_wake(), not_before);
  if (wake >= session.visit_at) return;
  session.visit_at = wake;
  wakes_.push({wake, session.id});
}

void EngineHub::shut_down(std::size_t goodbyes_max, std::string_view last_packet) {
  draining_ = true;
  std::vector<SessionPtr> leaving;
  for (const auto& [id, session] : sessions_) {
    if (leaving.size() >= goodbyes_max) break;
    if (!session->closed) leaving.push_back(session);
  }
  for (const SessionPtr& session : leaving) {
    if (!last_packet.empty()) send(*session, last_packet);
    session->ending = SessionEnd::kShutDown;
    end(session);
  }
  settle();
}

void EngineHub::send(ConnectionId id, std::string_view packet) {
  if (const SessionPtr session = find(id)) send(*session, packet);
}

void EngineHub::send_binary(ConnectionId id, std::string_view bytes) {
  const SessionPtr session = find(id);
  if (!session || session->closed) return;
  if (session->websocket) {
    session->websocket->send_binary(bytes);
  } else {
    queue_for_poll(*session, "b" + socketio::to_base64(as_bytes(bytes)));
  }
}

void EngineHub::close(ConnectionId id, SessionEnd why) {
  if (const SessionPtr session = find(id)) doom(*session, why);
}

IpAddress EngineHub::client(ConnectionId id) const {
  const SessionPtr session = find(id);
  return session ? session->client : IpAddress{};
}

std::uint64_t EngineHub::number(ConnectionId id) const {
  const SessionPtr session = find(id);
  return session ? session->number : 0;
}

std::string EngineHub::host(ConnectionId id) const {
  const SessionPtr session = find(id);
  return session ? session->host : std::string{};
}

void EngineHub::send(Session& session, std::string_view packet) {
  if (session.closed) return;
  if (session.websocket) {
    session.websocket->send_text(packet);
  } else {
    queue_for_poll(session, packet);
  }
}

void EngineHub::queue_for_poll(Session& session, std::string_view packet) {
  ServerMetrics& metrics = options_.gate->metrics;
  const bool too_much = !session.polling || session.polling->queue.size() + packet.size() > options_.limits.unsent_bytes_max;
  if (too_much || metrics.queued_bytes + packet.size() > options_.limits.unsent_bytes_total_max) {
    if (!session.ending) metrics.count(too_much ? CutOff::kSlowReader : CutOff::kMemory);
    doom(session, SessionEnd::kTransportLost);
    return;
  }
  socketio::append_to_payload(session.polling->queue, packet);
  session.polling->queued.set(session.polling->queue.size());
  answer_poll(session);
}

void EngineHub::answer_poll(Session& session) {
  Session::Polling& polling = *session.polling;
  if (!polling.poll || polling.queue.empty()) return;
  const ConnectionPtr poll = std::move(polling.poll);
  polling.poll.reset();
  poll->session = {};
  polling.queued.set(0);
  poll->respond(response_to(polling.poll_request, 200, std::exchange(polling.queue, {})));
}

void EngineHub::doom(Session& session, SessionEnd why) {
  if (session.ending || session.closed) return;
  session.ending = why;
  doomed_.push_back(session.id);
}

void EngineHub::settle() {
  while (!doomed_.empty() || !dismissed_.empty()) {
    std::vector<ConnectionId>& next = doomed_.empty() ? dismissed_ : doomed_;
    const bool dismissed = doomed_.empty();
    const SessionPtr session = find(next.back());
    next.pop_back();
    if (session && dismissed) end_dismissed(*session);
    if (session && !dismissed) end(session);
  }
}

void EngineHub::end(const SessionPtr& session) {
  if (session->closed) return;
  session->closed = true;
  const SessionEnd why = *session->ending;
  const CloseCode code = why == SessionEnd::kShutDown ? CloseCode::kGoingAway : CloseCode::kNormal;
  bool waits = false;
  if (session->websocket) session->websocket->close_websocket(code, {});
  if (session->polling) {
    if (session->polling->probe) session->polling->probe->close_websocket(code, {});
    if (session->polling->poll) {
      // Who said goodbye needs none: its poll just ends, as it does with the stock server.
      session->polling->queue = socketio::engine_packet(why == SessionEnd::kClientLeft ? EnginePacketType::kNoop : EnginePacketType::kClose);
      answer_poll(*session);
    } else {
      waits = why == SessionEnd::kDismissed || why == SessionEnd::kShutDown;
    }
  }
  note_end(*session, why);
  if (waits) {
    session->forget_at = now_() + kLinger;
    schedule(*session, now_());
  } else {
    forget(session);
  }
}

void EngineHub::end_dismissed(Session& session) {
  if (session.closed) return;
  session.closed = true;
  session.forget_at = now_() + kLinger;
  note_end(session, SessionEnd::kDismissed);
  schedule(session, now_());
}

void EngineHub::note_end(Session& session, SessionEnd why) {
  ++options_.gate->metrics.sessions_ended[static_cast<std::size_t>(why)];
  log_debug("a session ended", {{"connection", session.number}, {"why", to_text(why)}});
  session.handler->on_end(why);
}

void EngineHub::forget(const SessionPtr& session) {
  if (sessions_.erase(ConnectionId{session->id}) == 0) return;
  const Transport transport = session->polling ? Transport::kPolling : Transport::kWebSocket;
  --options_.gate->metrics.sessions[static_cast<std::size_t>(transport)];
  options_.gate->admission.close_session(session->client, now_());
}

}  // namespace p2p::net
