#include "signaling_sessions.hpp"

#include <algorithm>

#include "log_line.hpp"
#include "socketio/socket_server.hpp"
#include "thumbnail.hpp"

namespace p2p::net {
namespace {

constexpr std::size_t kGoodbyesMax = 1'000;  // at once: each is a packet or two, and the loop has others to serve
// Joins that a server is asked for each second when all come back to it; it takes twice as many on one core.
constexpr std::int64_t kComingBackPerS = 5'000;
constexpr Duration kBackWithinMin = 2s;
constexpr Duration kBackWithinMax = 30s;

/// The only bytes that clients send are thumbnails. What is a little too large is answered; what is larger ends the connection.
const socketio::SocketServer::Options kSocket{.attachments_kept_max = 1, .attachment_bytes_max = kThumbnailBytesMax + 8 * 1024};

}  // namespace

class SignalingSessions::Session final : public SessionHandler {
 public:
  Session(EngineHub::ConnectionId id, SignalingSessions& owner) : id_{id}, owner_{owner}, connect_until_{owner.now_() + owner.connect_within_} {}

  void on_heard() override {
    if (greeted_) owner_.service_.heard(id_, owner_.now_());
  }

  void on_message(bool binary, std::string_view data) override {
    const Result<socketio::SocketInput> input = socket_.handle(binary, data);
    if (!input) {
      log_debug("a client broke Socket.IO", {{"connection", owner_.hub_.number(id_)}, {"why", input.error().text}});
      owner_.hub_.close(id_, SessionEnd::kProtocolError);
    } else if (std::holds_alternative<socketio::SocketConnect>(*input)) {
      greeted_ = owner_.service_.connected(id_, owner_.now_());
      connect_until_ = kNever;
      if (!greeted_) owner_.hub_.close(id_, SessionEnd::kDismissed);
    } else if (const auto* event = std::get_if<socketio::SocketEvent>(&*input)) {
      owner_.service_.handle_event(id_, *event, owner_.now_());
    } else if (const auto* reply = std::get_if<socketio::SocketReply>(&*input)) {
      owner_.hub_.send(id_, reply->packet);
    } else if (std::holds_alternative<socketio::SocketDisconnect>(*input)) {
      owner_.hub_.close(id_, SessionEnd::kDismissed);
    }
  }

  [[nodiscard]] Instant next_wake() const override { return connect_until_; }
  void on_time(Instant /*now*/) override { owner_.hub_.close(id_, SessionEnd::kDismissed); }

  void on_end(SessionEnd /*why*/) override {
    if (greeted_) owner_.service_.disconnected(id_, owner_.now_());
  }

 private:
  EngineHub::ConnectionId id_;
  SignalingSessions& owner_;
  Instant connect_until_;
  socketio::SocketServer socket_{kSocket};
  bool greeted_ = false;
};

SignalingSessions::SignalingSessions(Options options, std::function<Instant()> now)
    : now_{std::move(now)},
      connect_within_{options.connect_within},
      hub_{std::move(options.hub), now_, [this](EngineHub::ConnectionId id) { return std::make_unique<Session>(id, *this); }},
      service_{std::move(options.signaling), {.send = [this](EngineHub::ConnectionId id, std::string_view packet) { hub_.send(id, packet); },
                                              .close = [this](EngineHub::ConnectionId id) { hub_.dismiss(id); },
                                              .client = [this](EngineHub::ConnectionId id) { return hub_.client(id); },
                                              .number = [this](EngineHub::ConnectionId id) { return hub_.number(id); },
                                              .host = [this](EngineHub::ConnectionId id) { return hub_.host(id); }}} {}

void SignalingSessions::shut_down() {
  if (!leaving_) {
    const Duration back_within = std::clamp<Duration>(1s * static_cast<std::int64_t>(hub_.sessions()) / kComingBackPerS, kBackWithinMin, kBackWithinMax);
    leaving_ = SignalingService::leaving_packet(back_within);
  }
  hub_.shut_down(kGoodbyesMax, *leaving_);
}

void SignalingSessions::handle_time() {
  const Instant now = now_();
  if (now >= service_.next_wake()) service_.handle_time(now);
  hub_.handle_time();
}

}  // namespace p2p::net
