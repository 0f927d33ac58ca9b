#include "client.hpp"

#include <boost/asio/buffer.hpp>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>

#include "base/bytes.hpp"

namespace p2p::bench {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using socketio::Opcode;

constexpr std::string_view kHandshake =
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
constexpr std::size_t kHeadBytesMax = 8 * 1024;
constexpr std::size_t kPerNetwork = 16;

bool would_block(const error_code& error) { return error == asio::error::would_block || error == asio::error::try_again; }

}  // namespace

Instant steady_now() { return Instant{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())}; }

asio::ip::address_v4 address_of(std::size_t number) {
  const std::size_t network = number / kPerNetwork % (250 * 256);
  return asio::ip::address_v4{static_cast<std::uint32_t>(0x7f000000 + ((1 + network / 256) << 16) + (network % 256 << 8) + 1 + number % kPerNetwork)};
}

void Client::open(std::string first) {
  opened_at_ = steady_now();
  error_code error;
  socket_.open(asio::ip::tcp::v4(), error);
  socket_.non_blocking(true, error);
  socket_.set_option(asio::ip::tcp::no_delay{true}, error);
  // The port is chosen with the destination in view, so that one address can have more connections than ports.
  const int on = 1;
  ::setsockopt(socket_.native_handle(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (takes_little_) socket_.set_option(asio::socket_base::receive_buffer_size{1}, error);
  if (!error) socket_.bind({address_of(number_), 0}, error);
  if (error) {
    lost(error.message());
    return;
  }
  socket_.async_connect({asio::ip::address_v4::loopback(), net_.port}, [self = shared_from_this(), first = std::move(first)](const error_code& failed) {
    if (!self->socket_.is_open()) return;
    if (failed) {
      self->lost(failed.message());
      return;
    }
    self->session_.emplace(steady_now());
    self->send_raw(first.empty() ? kHandshake : std::string_view{first});
    self->wait_readable();
  });
}

void Client::emit(std::string_view event, std::string_view json, std::optional<std::uint64_t> ack_id) {
  send_frame(Opcode::kText, socketio::event_packet(event, json, ack_id));
}

void Client::send_frame(Opcode opcode, std::string_view payload) {
  std::string frame;
  frame.reserve(payload.size() + 14);
  socketio::append_frame(frame, opcode, payload, static_cast<std::uint32_t>(net_.prng.next()));
  send_raw(frame);
}

void Client::send_raw(std::string_view bytes) {
  if (!socket_.is_open()) return;
  if (unsent_.empty()) {
    error_code error;
    const std::size_t sent = socket_.write_some(asio::buffer(bytes), error);
    if (error && !would_block(error)) {
      lost(error.message());
      return;
    }
    bytes.remove_prefix(sent);
  }
  unsent_.append(bytes);
  flush();
}

void Client::flush() {
  if (unsent_.empty() || writing_ || !socket_.is_open()) return;
  writing_ = true;
  socket_.async_wait(asio::socket_base::wait_write, [self = shared_from_this()](const error_code& failed) {
    self->writing_ = false;
    if (failed || !self->socket_.is_open()) return;
    error_code error;
    const std::size_t sent = self->socket_.write_some(asio::buffer(self->unsent_), error);
    if (error && !would_block(error)) {
      self->lost(error.message());
      return;
    }
    self->unsent_.erase(0, sent);
    self->flush();
  });
}

void Client::leave() {
  if (!socket_.is_open()) return;
  leaving_ = true;
  std::string frame;
  socketio::append_close_frame(frame, socketio::CloseCode::kNormal, {}, static_cast<std::uint32_t>(net_.prng.next()));
  send_raw(frame);
}

void Client::crash() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
  socket_.close(ignored);
}

void Client::fall_silent() {
  reads_ = false;
  unsent_.clear();
}

void Client::wait_readable() {
  if (!reads_ || !socket_.is_open()) return;
  socket_.async_wait(asio::socket_base::wait_read, [self = shared_from_this()](const error_code& failed) {
    if (failed || !self->socket_.is_open() || !self->reads_) return;
    self->on_readable();
    self->wait_readable();
  });
}

void Client::on_readable() {
  error_code error;
  const std::size_t size = socket_.read_some(asio::buffer(net_.read_buffer), error);
  if (would_block(error)) return;
  if (error) {
    lost(error == asio::error::eof ? "closed by the server" : error.message());
    return;
  }
  std::span<std::byte> bytes = std::span{net_.read_buffer}.first(size);
  if (!upgraded_ && !take_handshake(bytes)) return;
  on_bytes(bytes);
}

/// Moves `bytes` past the answer to the handshake once it is whole.
bool Client::take_handshake(std::span<std::byte>& bytes) {
  const std::size_t before = head_.size();
  head_.append(as_text(bytes));
  const std::size_t end = head_.find("\r\n\r\n");
  if (end == std::string::npos) {
    if (head_.size() > kHeadBytesMax) lost("no answer to the handshake");
    return false;
  }
  if (!head_.starts_with("HTTP/1.1 101 ")) {
    lost(head_.substr(0, head_.find("\r\n")));
    return false;
  }
  bytes = bytes.subspan(end + 4 - before);
  std::string{}.swap(head_);
  upgraded_ = true;
  return true;
}

void Client::on_bytes(std::span<std::byte> bytes) {
  while (socket_.is_open()) {
    const auto event = websocket_.next(bytes);
    if (!event) return;
    if (const auto* message = std::get_if<socketio::WebSocketMessage>(&*event)) {
      on_message(message->data);
    } else if (const auto* ping = std::get_if<socketio::WebSocketPing>(&*event)) {
      send_frame(Opcode::kPong, ping->data);
    } else if (const auto* closed = std::get_if<socketio::WebSocketClosed>(&*event)) {
      lost("closed by the server with code " + std::to_string(static_cast<int>(closed->code)));
    } else if (const auto* failure = std::get_if<socketio::WebSocketFailure>(&*event)) {
      lost(failure->why);
    }
  }
}

void Client::on_message(std::string_view text) {
  const auto input = session_->handle(text, steady_now());
  if (!input) {
    lost(input.error().text);
  } else if (const auto* event = std::get_if<socketio::ClientEvent>(&*input)) {
    if (event->name == "hello") {
      owner_.on_hello(*this, event->json);
    } else {
      owner_.on_event(*this, event->name, event->json);
    }
  } else if (const auto* ack = std::get_if<socketio::ClientAck>(&*input)) {
    owner_.on_ack(*this, ack->id, ack->json);
  } else if (const auto* reply = std::get_if<socketio::ClientReply>(&*input)) {
    send_frame(Opcode::kText, reply->packet);
  } else if (const auto* ended = std::get_if<socketio::ClientEnded>(&*input)) {
    lost(std::string{"the session ended "}.append(ended->why));
  }
}

void Client::lost(std::string_view why) {
  error_code ignored;
  socket_.close(ignored);
  if (!leaving_) owner_.on_lost(*this, why);
}

}  // namespace p2p::bench
