#include "echo_sessions.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/check.hpp"
#include "base/hex.hpp"
#include "net/stream_key.hpp"
#include "socketio/json_text.hpp"
#include "socketio/socket_packet.hpp"

namespace p2p::echo {
namespace {

using net::EngineHub;
using net::SessionEnd;

constexpr std::size_t kArgumentsMax = 1'024;
// The public test suite listens for `auth` only after it has seen CONNECT's answer, and misses it if both come with one read.
constexpr Duration kAuthDelay = 20ms;

std::string random_id() {
  std::array<std::byte, 20> bytes{};
  net::fill_random(bytes);
  return to_hex(bytes);
}

}  // namespace

class EngineEcho::Session final : public net::SessionHandler {
 public:
  Session(EngineHub::ConnectionId id, EngineHub& hub) : id_{id}, hub_{hub} {}
  void on_message(bool binary, std::string_view data) override {
    if (binary) {
      hub_.send_binary(id_, data);
    } else {
      hub_.send(id_, socketio::engine_packet(socketio::EnginePacketType::kMessage, data));
    }
  }

 private:
  EngineHub::ConnectionId id_;
  EngineHub& hub_;
};

EngineEcho::EngineEcho(EngineHub::Options options, std::function<Instant()> now)
    : hub_{std::move(options), std::move(now), [this](EngineHub::ConnectionId id) { return std::make_unique<Session>(id, hub_); }} {}

class SocketEcho::Session final : public net::SessionHandler {
 public:
  Session(EngineHub::ConnectionId id, SocketEcho& owner)
      : id_{id}, owner_{owner}, connect_until_{owner.now_() + owner.connect_within_}, socket_{owner.socket_} {}

  void on_message(bool binary, std::string_view data) override {
    const Result<socketio::SocketInput> input = socket_.handle(binary, data);
    if (!input) {
      spdlog::debug("a client broke Socket.IO: {}", input.error().text);
      owner_.hub_.close(id_, SessionEnd::kProtocolError);
    } else if (const auto* connect = std::get_if<socketio::SocketConnect>(&*input)) {
      on_connect(*connect);
    } else if (const auto* event = std::get_if<socketio::SocketEvent>(&*input)) {
      on_event(*event);
    } else if (const auto* reply = std::get_if<socketio::SocketReply>(&*input)) {
      owner_.hub_.send(id_, reply->packet);
    } else if (const auto* left = std::get_if<socketio::SocketDisconnect>(&*input)) {
      on_disconnect(left->nspace);
    }
  }

  [[nodiscard]] Instant next_wake() const override { return std::min(connect_until_, greet_at_); }
  void on_time(Instant now) override {
    if (now >= connect_until_) owner_.hub_.close(id_, SessionEnd::kDismissed);
    if (now >= greet_at_) greet();
  }

  void on_end(SessionEnd why) override {
    if (!owner_.recovery_ || why == SessionEnd::kProtocolError) return;
    for (socketio::RecoverableClient& client : clients_) owner_.recovery_->keep(std::move(client), owner_.now_());
  }

 private:
  struct Greeting {
    std::string nspace;
    std::string auth;
  };

  void on_connect(const socketio::SocketConnect& connect) {
    connect_until_ = kNever;
    if (owner_.recovery_ && resume(connect)) return;
    socketio::RecoverableClient& client = clients_.emplace_back();
    client.nspace = connect.nspace;
    client.sid = random_id();
    if (owner_.recovery_) client.pid = random_id();
    answer_connect(client);
    greetings_.push_back({client.nspace, connect.auth.empty() ? "{}" : std::string{connect.auth}});
    greet_at_ = std::min(greet_at_, owner_.now_() + kAuthDelay);
  }

  /// Whether the client is one that was away; then it has got what it missed.
  bool resume(const socketio::SocketConnect& connect) {
    const auto pid = socketio::json_string_member(connect.auth, "pid");
    const auto offset = socketio::json_string_member(connect.auth, "offset");
    if (!pid || !offset) return false;
    std::optional<socketio::RecoverableClient> known = owner_.recovery_->take(connect.nspace, *pid, *offset, owner_.now_());
    if (!known) return false;
    const socketio::RecoverableClient& client = clients_.emplace_back(std::move(*known));
    answer_connect(client);
    const auto missed = client.window.after(*offset);
    CHECK(missed, "a client that was taken has a window that reaches to its offset");
    for (const socketio::SentEvent* event : *missed) {
      owner_.hub_.send(id_, event->packet);
      send_attachments(event->attachments);
    }
    return true;
  }

  void answer_connect(const socketio::RecoverableClient& client) {
    const std::string pid = client.pid.empty() ? std::string{} : fmt::format(R"(,"pid":"{}")", client.pid);
    owner_.hub_.send(id_, socketio::connect_packet(fmt::format(R"({{"sid":"{}"{}}})", client.sid, pid), client.nspace));
  }

  void greet() {
    greet_at_ = kNever;
    for (const Greeting& greeting : std::exchange(greetings_, {})) send_event({.nspace = greeting.nspace, .name = "auth", .arguments = greeting.auth}, {});
  }

  void on_event(const socketio::SocketEvent& event) {
    greet();  // `auth` is the first event
    const auto attachments = static_cast<std::uint32_t>(event.attachments.size());
    if (event.name == "message") {
      send_event({.nspace = event.nspace, .name = "message-back", .arguments = event.arguments, .attachments = attachments}, event.attachments);
    } else if (event.name == "message-with-ack" && event.ack_id) {
      owner_.hub_.send(id_, socketio::ack_packet({.nspace = event.nspace, .id = *event.ack_id, .arguments = event.arguments, .attachments = attachments}));
      send_attachments(event.attachments);
    }
  }

  void on_disconnect(std::string_view nspace) {
    std::erase_if(greetings_, [&](const Greeting& greeting) { return greeting.nspace == nspace; });
    std::erase_if(clients_, [&](const socketio::RecoverableClient& client) { return client.nspace == nspace; });
  }

  void send_event(socketio::SocketEventText event, std::span<const std::string> attachments) {
    if (!owner_.recovery_) {
      owner_.hub_.send(id_, socketio::event_packet(event));
    } else {
      const auto client = std::ranges::find(clients_, event.nspace, &socketio::RecoverableClient::nspace);
      CHECK(client != clients_.end(), "events go to namespaces that were joined");
      const std::string arguments = fmt::format(R"({}{}"{}")", event.arguments, event.arguments.empty() ? "" : ",", client->window.next_offset());
      event.arguments = arguments;
      const std::string packet = socketio::event_packet(event);
      client->window.record({packet, {attachments.begin(), attachments.end()}, owner_.now_()}, owner_.recovery_->limits());
      owner_.hub_.send(id_, packet);
    }
    send_attachments(attachments);
  }

  void send_attachments(std::span<const std::string> attachments) {
    for (const std::string& bytes : attachments) owner_.hub_.send_binary(id_, bytes);
  }

  EngineHub::ConnectionId id_;
  SocketEcho& owner_;
  Instant connect_until_;
  Instant greet_at_ = kNever;
  std::vector<Greeting> greetings_;                     // one for each namespace that was joined, at most
  std::vector<socketio::RecoverableClient> clients_;  // likewise
  socketio::SocketServer socket_;
};

SocketEcho::SocketEcho(Options options, std::function<Instant()> now)
    : now_{std::move(now)},
      recovery_{options.recovery ? std::optional{socketio::RecoveryStore{}} : std::nullopt},
      connect_within_{options.connect_within},
      socket_{.namespaces = {"/", "/custom"},
              .arguments_max = kArgumentsMax,
              .attachment_bytes_max = socketio::kAttachmentsMax * options.hub.limits.message_bytes_max},
      hub_{std::move(options.hub), now_, [this](EngineHub::ConnectionId id) { return std::make_unique<Session>(id, *this); }} {}

void SocketEcho::handle_time() {
  hub_.handle_time();
  if (recovery_) recovery_->handle_time(now_());
}

}  // namespace p2p::echo
