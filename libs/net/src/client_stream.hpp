#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "net/server_address.hpp"

namespace p2p::net {

/// Whom to believe to be the server.
struct ClientTrust {
  std::string ca_file;                                        ///< besides the system's authorities; empty: none
  std::optional<std::array<unsigned char, 32>> fingerprint;  ///< of the one certificate that is right
};
[[nodiscard]] Result<std::array<unsigned char, 32>> parse_fingerprint(std::string_view text);

/// A client's TCP connection, with TLS or without. Its callbacks stop with `close`.
class ClientStream : public std::enable_shared_from_this<ClientStream> {
 public:
  static constexpr std::size_t kUnsentMax = 4 << 20;

  ClientStream(boost::asio::io_context& io, ServerAddress address, ClientTrust trust)
      : address_{std::move(address)}, trust_{std::move(trust)}, resolver_{io}, socket_{io} {}

  /// Resolves, connects, and with TLS checks the certificate. The error is a sentence for a person.
  void open(std::function<void(std::optional<Error>)> done);
  /// Reads for ever; an empty span is the end.
  void read(std::function<void(std::span<std::byte>)> on_bytes);
  /// Queued; beyond kUnsentMax the connection is dropped, which `read` tells.
  void write(std::string_view bytes);
  void close();

  /// Why `open` failed in few words, for sentences about other servers than ours.
  [[nodiscard]] const std::string& reason() const { return reason_; }
  /// Of an open connection with TLS: when the server's certificate ends.
  [[nodiscard]] std::optional<std::chrono::sys_seconds> certificate_ends();

 private:
  void connect(const std::vector<boost::asio::ip::tcp::endpoint>& endpoints);
  void connected();
  void handshake();
  void read_more();
  void write_more();
  void opened(std::optional<Error> error);

  ServerAddress address_;
  ClientTrust trust_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::ip::tcp::socket socket_;
  std::optional<boost::asio::ssl::context> tls_context_;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
  std::function<void(std::optional<Error>)> on_opened_;
  std::function<void(std::span<std::byte>)> on_bytes_;
  std::string reason_;
  std::string queued_;
  std::string sending_;
  std::array<std::byte, 16 * 1024> buffer_{};
  bool writing_ = false;
  bool closed_ = false;
};

}  // namespace p2p::net
