#include "connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>

#include "base/bytes.hpp"
#include "gate.hpp"

namespace p2p::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using socketio::CloseCode;
using socketio::Opcode;

constexpr std::size_t kBodyOverhead = 1024;  // the types and separators of an HTTP body's packets

bool would_block(const error_code& error) { return error == asio::error::would_block || error == asio::error::try_again || error == asio::error::interrupted; }

IpAddress remote_of(const asio::ip::tcp::socket& socket) {
  error_code ignored;
  const asio::ip::address address = socket.remote_endpoint(ignored).address();
  return {.bytes = (address.is_v4() ? asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()) : address.to_v6()).to_bytes()};
}

std::string_view text_of_status(int status) {
  switch (status) {
    case 413:
      return "The request is too large.\n";
    case 431:
      return "The request's head is too large.\n";
    default:
      return "This is not an HTTP request that can be answered.\n";
  }
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, ConnectionOwner& owner)
    : socket_{std::move(socket)}, remote_{remote_of(socket_)}, owner_{owner}, http_{std::make_unique<HttpRequestReader>(HttpLimits{.body_bytes_max = owner.limits().message_bytes_max + kBodyOverhead})} {}

void Connection::start() {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
  deadline_ = owner_.now() + owner_.limits().request_within;
  wait_readable();
}

void Connection::respond(HttpResponse response) {
  if (!open()) return;
  owner_.gate().metrics.count_response(response.status);
  keep_alive_ = response.keep_alive && keep_alive_;
  response.keep_alive = keep_alive_;
  const std::string head = response_head(response);
  if (response.head_only) {
    write(head, {}, {});
  } else {
    write(head, response.body, response.lasting_body);
  }
}

void Connection::upgrade(std::string_view head) {
  if (!open()) return;
  owner_.gate().metrics.count_response(101);
  phase_ = Phase::kWebSocket;
  deadline_ = kNever;
  websocket_ = std::make_unique<socketio::WebSocketReader>(
      socketio::WebSocketReader::Options{.side = socketio::Side::kServer, .message_bytes_max = owner_.limits().message_bytes_max});
  queue(head, {});
}

void Connection::send_text(std::string_view message) { send_frame(Opcode::kText, message); }
void Connection::send_binary(std::string_view message) { send_frame(Opcode::kBinary, message); }

void Connection::send_frame(Opcode opcode, std::string_view payload) {
  if (!open()) return;
  const socketio::FrameHeader header = socketio::frame_header(opcode, payload.size());
  queue(as_text(header.view()), payload);
}

void Connection::close_websocket(CloseCode code, std::string_view reason) {
  if (!open()) return;
  std::string frame;
  socketio::append_close_frame(frame, code, reason);
  queue(frame, {});
  write_unsent();
  finish();
}

void Connection::abort() {
  error_code ignored;
  socket_.close(ignored);
  // With no operation pending, nobody else would tell the owner.
  if (!reading_ && !writing_) asio::post(socket_.get_executor(), [self = shared_from_this()] { self->gone(); });
}

void Connection::time_out() {
  const bool owes_bytes = writing_;  // what only waits for its turn to be flushed holds nobody up
  ServerMetrics& metrics = owner_.gate().metrics;
  if (owes_bytes) {
    metrics.count(CutOff::kStalled);
  } else if (phase_ == Phase::kWebSocket) {
    metrics.count(CutOff::kUnfinished);
  } else if (phase_ == Phase::kHttp) {
    metrics.count(http_->idle() && !silent ? CutOff::kIdle : CutOff::kRequestTimeout);
  }
  abort();
}

void Connection::wait_readable() {
  if (reading_ || !socket_.is_open() || input_ended_) return;
  reading_ = true;
  socket_.async_wait(asio::socket_base::wait_read, [self = shared_from_this()](const error_code& error) {
    self->reading_ = false;
    if (error || !self->socket_.is_open()) {
      self->gone();
    } else {
      self->on_readable();
    }
  });
}

void Connection::wait_writable() {
  if (writing_ || !socket_.is_open()) return;
  writing_ = true;
  socket_.async_wait(asio::socket_base::wait_write, [self = shared_from_this()](const error_code& error) {
    self->writing_ = false;
    if (error || !self->socket_.is_open()) {
      self->gone();
    } else {
      self->write_unsent();
    }
  });
}

void Connection::on_readable() {
  const std::span<std::byte> buffer = owner_.read_buffer();
  error_code error;
  const std::size_t size = socket_.read_some(asio::buffer(buffer.data(), buffer.size()), error);
  if (error == asio::error::eof) {
    on_end_of_input();
  } else if (error && !would_block(error)) {
    abort();
  } else if (size > 0) {
    owner_.gate().metrics.received_bytes += size;
    on_bytes(buffer.first(size));
  }
  wait_readable();
  if (!socket_.is_open() && !writing_) gone();
}

void Connection::on_bytes(std::span<std::byte> bytes) {
  if (phase_ == Phase::kDraining || finishing_) return;  // read so that a reset does not overtake our last words
  if (phase_ == Phase::kWebSocket) {
    serve_websocket(bytes);
    return;
  }
  if (busy_) {
    early_bytes_ += bytes.size();
    if (early_bytes_ > owner_.limits().message_bytes_max) {
      abort();
      return;
    }
  } else if (http_->idle()) {
    deadline_ = owner_.now() + owner_.limits().request_within;
  }
  // A failure of a request that waits behind another shows again when its turn comes.
  if (http_->put(as_text(bytes)) == HttpRequestReader::State::kNeedMore && !busy_) return;
  serve_requests();
}

void Connection::on_end_of_input() {
  input_ended_ = true;
  const bool owes_bytes = !unsent_.empty() || !lasting_.empty();
  if (owes_bytes && phase_ == Phase::kHttp) {
    keep_alive_ = false;  // it only closed its half: let it have the answer
  } else {
    abort();
  }
}

void Connection::serve_requests() {
  if (serving_) return;
  serving_ = true;
  while (!busy_ && open() && phase_ == Phase::kHttp) {
    const HttpRequestReader::State state = http_->put({});
    if (state == HttpRequestReader::State::kNeedMore) break;
    busy_ = true;
    deadline_ = kNever;
    early_bytes_ = 0;
    if (state == HttpRequestReader::State::kFailed) {
      const int status = http_->failure_status();
      respond({.status = status, .fields = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = std::string{text_of_status(status)}, .keep_alive = false});
      break;
    }
    owner_.on_request(shared_from_this(), http_->take());
  }
  serving_ = false;
  if (phase_ == Phase::kWebSocket && http_) {
    std::string rest = http_->take_rest();
    http_.reset();
    if (!rest.empty()) serve_websocket(std::as_writable_bytes(std::span{rest}));
  }
}

void Connection::serve_websocket(std::span<std::byte> bytes) {
  while (socket_.is_open() && !finishing_) {
    const auto event = websocket_->next(bytes);
    if (!event) {
      // Pings may come within a message, so the session's own time-out does not end one that never ends.
      if (websocket_->between_messages()) {
        message_until_ = kNever;
      } else if (message_until_ == kNever) {
        message_until_ = owner_.now() + owner_.limits().message_within;
      }
      return;
    }
    if (std::holds_alternative<socketio::WebSocketMessage>(*event)) message_until_ = kNever;
    if (const auto* message = std::get_if<socketio::WebSocketMessage>(&*event)) {
      owner_.on_message(shared_from_this(), !message->text, message->data);
    } else if (const auto* ping = std::get_if<socketio::WebSocketPing>(&*event)) {
      send_frame(Opcode::kPong, ping->data);
    } else if (const auto* closed = std::get_if<socketio::WebSocketClosed>(&*event)) {
      close_websocket(closed->code == CloseCode::kNoStatus ? CloseCode::kNormal : closed->code, {});
    } else if (const auto* failure = std::get_if<socketio::WebSocketFailure>(&*event)) {
      close_websocket(failure->code, failure->why);
    }
  }
}

void Connection::write(std::string_view head, std::string_view body, std::string_view lasting) {
  std::size_t sent = 0;
  if (unsent_.empty() && lasting_.empty()) {
    const std::array<asio::const_buffer, 3> buffers{asio::buffer(head), asio::buffer(body), asio::buffer(lasting)};
    error_code error;
    sent = socket_.write_some(buffers, error);
    if (error && !would_block(error)) {
      abort();
      return;
    }
    owner_.gate().metrics.sent_bytes += sent;
    if (sent == head.size() + body.size() + lasting.size()) {
      on_drained();
      return;
    }
    deadline_ = owner_.now() + owner_.limits().stall_max;
  }
  for (const std::string_view part : {head, body}) {
    const std::size_t skipped = std::min(sent, part.size());
    unsent_.append(part.substr(skipped));
    sent -= skipped;
  }
  lasting_ = lasting.substr(std::min(sent, lasting.size()));
  account_unsent();
  if (!cut_off_if_too_slow()) wait_writable();
}

bool Connection::cut_off_if_too_slow() {
  ServerMetrics& metrics = owner_.gate().metrics;
  const bool too_much = unsent_.size() - unsent_at_ > owner_.limits().unsent_bytes_max;
  if (!too_much && metrics.queued_bytes <= owner_.limits().unsent_bytes_total_max) return false;
  metrics.count(too_much ? CutOff::kSlowReader : CutOff::kMemory);
  abort();
  return true;
}

void Connection::queue(std::string_view head, std::string_view body) {
  unsent_.append(head).append(body);
  account_unsent();
  if (cut_off_if_too_slow()) return;
  if (unsent_.size() - unsent_at_ > kFlushBytes) {
    write_unsent();
  } else if (!flush_due_ && !writing_) {
    flush_due_ = true;
    owner_.flush_soon(shared_from_this());
  }
}

void Connection::flush() {
  flush_due_ = false;
  write_unsent();
}

void Connection::write_unsent() {
  if (writing_ || !socket_.is_open() || (unsent_.empty() && lasting_.empty())) return;
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(std::string_view{unsent_}.substr(unsent_at_)), asio::buffer(lasting_)};
  error_code error;
  const std::size_t sent = socket_.write_some(buffers, error);
  if (error && !would_block(error)) {
    abort();
    return;
  }
  owner_.gate().metrics.sent_bytes += sent;
  const std::size_t of_unsent = std::min(sent, unsent_.size() - unsent_at_);
  unsent_at_ += of_unsent;
  lasting_.remove_prefix(sent - of_unsent);
  if (unsent_at_ == unsent_.size()) {
    std::string{}.swap(unsent_);
    unsent_at_ = 0;
  } else if (unsent_at_ > owner_.limits().unsent_bytes_max / 4) {
    unsent_.erase(0, unsent_at_);
    unsent_at_ = 0;
  }
  account_unsent();
  if (unsent_.empty() && lasting_.empty()) {
    on_drained();
    return;
  }
  if (sent > 0 || deadline_ == kNever) deadline_ = owner_.now() + owner_.limits().stall_max;
  wait_writable();
}

void Connection::account_unsent() {
  std::size_t& queued = owner_.gate().metrics.queued_bytes;
  queued = queued - accounted_ + unsent_.size();
  accounted_ = unsent_.size();
}

void Connection::on_drained() {
  if (finishing_) {
    finish();
    return;
  }
  deadline_ = kNever;
  if (phase_ != Phase::kHttp || !busy_) return;
  busy_ = false;
  if (!keep_alive_ || input_ended_) {
    finish();
    return;
  }
  deadline_ = owner_.now() + (http_->idle() ? owner_.limits().idle_max : owner_.limits().request_within);
  serve_requests();
}

void Connection::finish() {
  finishing_ = true;
  if (!unsent_.empty() || !lasting_.empty()) return;  // on_drained calls again
  error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  phase_ = Phase::kDraining;
  deadline_ = owner_.now() + owner_.limits().linger_max;
  if (input_ended_) abort();
}

void Connection::gone() {
  if (gone_ || socket_.is_open()) return;
  gone_ = true;
  std::string{}.swap(unsent_);
  account_unsent();
  owner_.on_gone(shared_from_this());
}

}  // namespace p2p::net
