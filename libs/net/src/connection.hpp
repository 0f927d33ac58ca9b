#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "directory/messages.hpp"
#include "http.hpp"
#include "ip_address.hpp"
#include "socketio/websocket.hpp"

namespace p2p::net {

class Connection;

struct Gate;
class TlsServer;
class TlsStream;

/// docs/signaling.md has those that clients may meet.
struct ConnectionLimits {
  std::size_t message_bytes_max = 64 * 1024;         ///< a message, and an HTTP body of them
  std::size_t unsent_bytes_max = 1 << 20;            ///< queued for a slow reader
  std::size_t unsent_bytes_total_max = 512UL << 20;  ///< of all connections; beyond it whoever needs more queued is cut off
  Duration request_within = 10s;  ///< a whole request, once begun; also the first
  Duration idle_max = 60s;        ///< between requests
  Duration message_within = 30s;  ///< a whole WebSocket message, once begun
  Duration stall_max = 30s;       ///< without a byte taken
  Duration linger_max = 2s;       ///< for the last bytes to arrive before the socket closes
};

/// What a connection tells its owner. Any of the connection's methods may be called from inside.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  /// To be answered with `respond` or `upgrade`, at once or later.
  virtual void on_request(const std::shared_ptr<Connection>& connection, const HttpRequest& request) = 0;
  virtual void on_message(const std::shared_ptr<Connection>& connection, bool binary, std::string_view data) = 0;
  /// Once, as the last call; never from inside of a call to the connection.
  virtual void on_gone(const std::shared_ptr<Connection>& connection) = 0;
  [[nodiscard]] virtual Instant now() const = 0;
  /// The same for all connections, for as long as there are any.
  [[nodiscard]] virtual const ConnectionLimits& limits() const = 0;
  [[nodiscard]] virtual Gate& gate() = 0;
  /// Null: connections speak without TLS.
  [[nodiscard]] virtual const TlsServer* tls() const = 0;
  /// Read into by every connection in turn: idle ones hold no buffer.
  [[nodiscard]] virtual std::span<std::byte> read_buffer() = 0;
  /// To have `flush` called once what is ready on all sockets was read.
  virtual void flush_soon(const std::shared_ptr<Connection>& connection) = 0;
};

/// One accepted TCP connection, with TLS or without: HTTP requests one after the other, then perhaps a WebSocket.
///
/// Always holds: what cannot be written is kept, at most `unsent_bytes_max`; more, or no progress for `stall_max`, ends the
/// connection. Frames that come while one look at all sockets is served leave in one write, of about `kFlushBytes` at most. While a
/// request is unanswered, the next one waits. What is begun, a request or a message, ends in time.
///
/// Out of scope: what paths and messages mean.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  static constexpr std::size_t kFlushBytes = 64 * 1024;   // more than that does not wait for others to leave with it

  Connection(boost::asio::ip::tcp::socket socket, ConnectionOwner& owner);
  ~Connection();

  void start();
  void respond(HttpResponse response);
  /// Answers a WebSocket handshake (`head` is the whole 101 answer); messages follow.
  void upgrade(std::string_view head);
  void send_text(std::string_view message);
  void send_binary(std::string_view message);
  void close_websocket(socketio::CloseCode code, std::string_view reason);
  /// For the owner, once for each `flush_soon`.
  void flush();
  /// At once, without goodbye.
  void abort();
  /// Its deadline has passed.
  void time_out();

  /// The owner's note: which session this connection carries or polls for; 0 for none.
  directory::ConnectionId session;
  std::size_t slot = 0;
  /// Likewise: its place among those that have sent no request yet.
  std::optional<std::list<Connection*>::iterator> silent;

  /// Of the other end, as it was when the connection was accepted.
  [[nodiscard]] const IpAddress& remote() const { return remote_; }
  [[nodiscard]] bool tls() const { return tls_ != nullptr; }
  [[nodiscard]] bool open() const { return socket_.is_open() && !finishing_; }
  [[nodiscard]] Instant deadline() const { return std::min(deadline_, message_until_); }

 private:
  enum class Phase : std::uint8_t { kHttp, kWebSocket, kDraining };

  void wait_readable();
  void wait_writable();
  void on_readable();
  void on_writable();
  [[nodiscard]] std::size_t read_some(std::span<std::byte> into, boost::system::error_code& error);
  [[nodiscard]] std::size_t write_some(std::span<const std::string_view> parts, boost::system::error_code& error);
  void tell_to_use_tls();
  void on_bytes(std::span<std::byte> bytes);
  void on_end_of_input();
  void serve_requests();
  void serve_websocket(std::span<std::byte> bytes);
  void send_frame(socketio::Opcode opcode, std::string_view payload);
  void write(std::string_view head, std::string_view body, std::string_view lasting);
  void queue(std::string_view head, std::string_view body);
  void write_unsent();
  void account_unsent();
  /// What waits for its reader is more than is kept for one, or for all.
  bool cut_off_if_too_slow();
  void on_drained();
  void finish();
  void gone();

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<TlsStream> tls_;
  IpAddress remote_;
  ConnectionOwner& owner_;
  std::unique_ptr<HttpRequestReader> http_;
  std::unique_ptr<socketio::WebSocketReader> websocket_;
  std::string unsent_;
  std::size_t unsent_at_ = 0;
  std::string_view lasting_;  // after `unsent_`: bytes that outlive us
  std::size_t accounted_ = 0;  // of `unsent_`, among what is queued for all
  Instant deadline_ = kNever;
  Instant message_until_ = kNever;  // the end of a WebSocket message that has begun
  std::size_t early_bytes_ = 0;  // read while a request was unanswered
  Phase phase_ = Phase::kHttp;
  bool reading_ = false;
  bool writing_ = false;
  bool flush_due_ = false;  // the owner will call flush
  bool busy_ = false;       // a request is unanswered, or its answer is on its way
  bool serving_ = false;    // in serve_requests: it goes on by itself
  bool keep_alive_ = true;
  bool finishing_ = false;  // nothing more will be sent after what is queued
  bool input_ended_ = false;
  bool gone_ = false;
};

}  // namespace p2p::net
