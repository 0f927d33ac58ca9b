#include "echo_sessions.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>

#include "base/hex.hpp"
#include "net/stream_key.hpp"
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
      std::erase_if(greetings_, [&](const Greeting& greeting) { return greeting.nspace == left->nspace; });
    }
  }

  [[nodiscard]] Instant next_wake() const override { return std::min(connect_until_, greet_at_); }
  void on_time(Instant now) override {
    if (now >= connect_until_) owner_.hub_.close(id_, SessionEnd::kDismissed);
    if (now >= greet_at_) greet();
  }

 private:
  struct Greeting {
    std::string nspace;
    std::string auth;
  };

  void on_connect(const socketio::SocketConnect& connect) {
    connect_until_ = kNever;
    owner_.hub_.send(id_, socketio::connect_packet(fmt::format(R"({{"sid":"{}"}})", random_id()), connect.nspace));
    greetings_.push_back({std::string{connect.nspace}, connect.auth.empty() ? "{}" : std::string{connect.auth}});
    greet_at_ = std::min(greet_at_, owner_.now_() + kAuthDelay);
  }

  void greet() {
    greet_at_ = kNever;
    for (const Greeting& greeting : std::exchange(greetings_, {})) {
      if (socket_.connected(greeting.nspace)) send_event({.nspace = greeting.nspace, .name = "auth", .arguments = greeting.auth}, {});
    }
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

  void send_event(const socketio::SocketEventText& event, std::span<const std::string> attachments) {
    owner_.hub_.send(id_, socketio::event_packet(event));
    send_attachments(attachments);
  }

  void send_attachments(std::span<const std::string> attachments) {
    for (const std::string& bytes : attachments) owner_.hub_.send_binary(id_, bytes);
  }

  EngineHub::ConnectionId id_;
  SocketEcho& owner_;
  Instant connect_until_;
  Instant greet_at_ = kNever;
  std::vector<Greeting> greetings_;  // of joined namespaces: one each at most
  socketio::SocketServer socket_;
};

SocketEcho::SocketEcho(Options options, std::function<Instant()> now)
    : now_{now},
      connect_within_{options.connect_within},
      socket_{.namespaces = {"/", "/custom"},
              .arguments_max = kArgumentsMax,
              .attachment_bytes_max = socketio::kAttachmentsMax * options.hub.limits.message_bytes_max},
      hub_{std::move(options.hub), now, [this](EngineHub::ConnectionId id) { return std::make_unique<Session>(id, *this); }} {}

}  // namespace p2p::echo
