#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.hpp"
#include "base/time.hpp"
#include "socketio/client_session.hpp"
#include "socketio/websocket.hpp"

namespace p2p::bench {

class Client;

[[nodiscard]] Instant steady_now();

/// What a client tells its owner; any of its methods may be called from inside.
class ClientOwner {
 public:
  virtual ~ClientOwner() = default;
  /// The namespace is joined and `hello` has come.
  virtual void on_hello(Client& client, std::string_view hello) = 0;
  virtual void on_event(Client& client, std::string_view name, std::string_view json) = 0;
  virtual void on_ack(Client& client, std::uint64_t id, std::string_view json) = 0;
  /// The connection is over and it was not our doing.
  virtual void on_lost(Client& client, std::string_view why) = 0;
};

/// What all clients of a run share.
struct Net {
  boost::asio::io_context io{1};
  std::uint16_t port = 0;
  Prng prng{1};
  std::vector<std::byte> read_buffer = std::vector<std::byte>(256 * 1024);
};

/// The loopback address that client `number` calls from, as viewers come from many networks: 16 in each /24.
[[nodiscard]] boost::asio::ip::address_v4 address_of(std::size_t number);

/// One Socket.IO client over WebSocket, with the stack that `libs/socketio` gives to native clients. It waits for nothing but its socket:
/// tens of thousands fit into a process.
class Client : public std::enable_shared_from_this<Client> {
 public:
  Client(Net& net, ClientOwner& owner, std::size_t number) : net_{net}, owner_{owner}, socket_{net.io}, number_{number} {}

  /// `first` is sent instead of a handshake, if it is not empty.
  void open(std::string first = {});
  void emit(std::string_view event, std::string_view json, std::optional<std::uint64_t> ack_id = {});
  /// Bytes as they are, frame or not.
  void send_frame(socketio::Opcode opcode, std::string_view payload);
  void send_raw(std::string_view bytes);
  void leave();     ///< says goodbye
  void crash();     ///< RST
  void fall_silent();  ///< reads and writes nothing any more; the socket stays open
  /// With as little room in the kernel as there may be; before `open`.
  void take_little() { takes_little_ = true; }
  void stop_reading() { reads_ = false; }

  [[nodiscard]] std::size_t number() const { return number_; }
  [[nodiscard]] Instant opened_at() const { return opened_at_; }
  [[nodiscard]] bool open_still() const { return socket_.is_open(); }

 private:
  void wait_readable();
  void on_readable();
  bool take_handshake(std::span<std::byte>& bytes);
  void on_bytes(std::span<std::byte> bytes);
  void on_message(std::string_view text);
  void flush();
  void lost(std::string_view why);

  Net& net_;
  ClientOwner& owner_;
  boost::asio::ip::tcp::socket socket_;
  socketio::WebSocketReader websocket_{{.side = socketio::Side::kClient, .message_bytes_max = 1 << 20}};
  std::optional<socketio::ClientSession> session_;
  std::string head_;    // of the answer to the handshake, until it is whole
  std::string unsent_;
  std::size_t number_;
  Instant opened_at_{};
  bool upgraded_ = false;
  bool reads_ = true;
  bool writing_ = false;
  bool takes_little_ = false;
  bool leaving_ = false;
};

}  // namespace p2p::bench
