#include "client_stream.hpp"

#include <algorithm>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <cstring>

#include "base/hex.hpp"
#include "x509_time.hpp"

namespace p2p::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

std::string why_unreachable(const ServerAddress& address, const error_code& error) {
  if (error == asio::error::connection_refused) return "connection refused";
  if (error == asio::error::host_not_found || error == asio::error::host_not_found_try_again) return "the name " + address.host + " is not known";
  return error.message();
}

Error unreachable(const ServerAddress& address, const std::string& why) {
  return {fmt::format("No p2p-stream server answers at {} ({}). Start one with `p2p-stream serve`, or check the address.", address.origin(), why)};
}

Error no_tls(const ServerAddress& address, const error_code& error) {
  return {fmt::format("The server at {} offers no TLS connection that can be trusted ({}). Check the address, or its certificate (--tls-ca, --tls-fingerprint); without TLS the "
                      "address begins with http://.",
                      address.origin(), error.message())};
}

/// Whether the certificate that the server showed, whatever was found above it, is the one that was named.
bool has_fingerprint(X509_STORE_CTX* chain, const std::array<unsigned char, 32>& expected) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509* shown = X509_STORE_CTX_get0_cert(chain);
  if (shown == nullptr || X509_digest(shown, EVP_sha256(), digest.data(), &size) != 1) return false;
  return std::equal(expected.begin(), expected.end(), digest.begin());
}

/// RFC 6761, section 6.3: the name always means this machine. Asked of the resolver, it is unknown where /etc/hosts is missing, as on a
/// minimal system or in a container.
bool is_localhost(std::string_view host) {
  constexpr std::string_view kName = "localhost";
  return std::ranges::equal(host, kName, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

}  // namespace

Result<std::array<unsigned char, 32>> parse_fingerprint(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != ':' && c != ' ') digits += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  std::array<unsigned char, 32> fingerprint{};
  const std::optional<Bytes> bytes = from_hex(digits);
  if (!bytes || bytes->size() != fingerprint.size()) {
    return fail("\"" + std::string{text.substr(0, 200)} + "\" is no fingerprint. It has 64 hex digits, as `p2p-stream serve --tls self-signed` prints it.");
  }
  std::memcpy(fingerprint.data(), bytes->data(), fingerprint.size());
  return fingerprint;
}

void ClientStream::open(std::function<void(std::optional<Error>)> done) {
  on_opened_ = std::move(done);
  if (is_localhost(address_.host)) {
    connect({{asio::ip::address_v4::loopback(), address_.port}, {asio::ip::address_v6::loopback(), address_.port}});
    return;
  }
  resolver_.async_resolve(address_.host, std::to_string(address_.port), [self = shared_from_this()](const error_code& error, const tcp::resolver::results_type& found) {
    if (self->closed_) return;
    if (error) {
      self->reason_ = why_unreachable(self->address_, error);
      self->opened(unreachable(self->address_, self->reason_));
    } else {
      self->connect({found.begin(), found.end()});
    }
  });
}

void ClientStream::connect(const std::vector<tcp::endpoint>& endpoints) {
  asio::async_connect(socket_, endpoints, [self = shared_from_this()](const error_code& failed, const tcp::endpoint&) {
    if (self->closed_) return;
    if (failed) {
      self->reason_ = why_unreachable(self->address_, failed);
      self->opened(unreachable(self->address_, self->reason_));
    } else {
      self->connected();
    }
  });
}

void ClientStream::connected() {
  error_code ignored;
  socket_.set_option(tcp::no_delay{true}, ignored);
  if (address_.tls) {
    handshake();
  } else {
    opened({});
  }
}

void ClientStream::handshake() {
  error_code error;
  tls_context_.emplace(asio::ssl::context::tls_client);
  tls_context_->set_default_verify_paths(error);
  if (!trust_.ca_file.empty()) {
    tls_context_->load_verify_file(trust_.ca_file, error);
    if (error) {
      opened(Error{fmt::format("\"{}\" holds no certificates in PEM. Give --tls-ca the authority's or the server's certificate.", trust_.ca_file)});
      return;
    }
  }
  tls_.emplace(socket_, *tls_context_);
  tls_->set_verify_mode(asio::ssl::verify_peer, error);
  if (trust_.fingerprint) {
    tls_->set_verify_callback([expected = *trust_.fingerprint](bool, asio::ssl::verify_context& chain) { return has_fingerprint(chain.native_handle(), expected); },
                              error);
  } else {
    tls_->set_verify_callback(asio::ssl::host_name_verification{address_.host}, error);
  }
  SSL_set_tlsext_host_name(tls_->native_handle(), address_.host.c_str());
  tls_->async_handshake(asio::ssl::stream_base::client, [self = shared_from_this()](const error_code& failed) {
    if (self->closed_) return;
    if (failed) self->reason_ = failed.message();
    self->opened(failed ? std::optional{no_tls(self->address_, failed)} : std::nullopt);
  });
}

void ClientStream::opened(std::optional<Error> error) {
  const auto done = std::exchange(on_opened_, {});
  done(std::move(error));
}

void ClientStream::read(std::function<void(std::span<std::byte>)> on_bytes) {
  on_bytes_ = std::move(on_bytes);
  read_more();
}

void ClientStream::read_more() {
  const auto done = [self = shared_from_this()](const error_code& error, std::size_t size) {
    if (self->closed_) return;
    const auto on_bytes = self->on_bytes_;  // it may close us from inside
    on_bytes(error ? std::span<std::byte>{} : std::span<std::byte>{self->buffer_}.first(size));
    if (!error && !self->closed_) self->read_more();
  };
  if (tls_) {
    tls_->async_read_some(asio::buffer(buffer_), done);
  } else {
    socket_.async_read_some(asio::buffer(buffer_), done);
  }
}

void ClientStream::write(std::string_view bytes) {
  if (closed_) return;
  queued_.append(bytes);
  if (queued_.size() > kUnsentMax) {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);  // the pending read then ends
    return;
  }
  if (!writing_) write_more();
}

void ClientStream::write_more() {
  if (queued_.empty()) return;
  writing_ = true;
  sending_ = std::exchange(queued_, {});
  const auto done = [self = shared_from_this()](const error_code& error, std::size_t) {
    self->writing_ = false;
    if (!error && !self->closed_) self->write_more();  // an error shows in the pending read, too
  };
  if (tls_) {
    asio::async_write(*tls_, asio::buffer(sending_), done);
  } else {
    asio::async_write(socket_, asio::buffer(sending_), done);
  }
}

std::optional<std::chrono::sys_seconds> ClientStream::certificate_ends() {
  X509* shown = tls_ ? SSL_get0_peer_certificate(tls_->native_handle()) : nullptr;
  if (shown == nullptr) return std::nullopt;
  return sys_seconds_of(X509_get0_notAfter(shown));
}

void ClientStream::close() {
  closed_ = true;
  on_opened_ = {};
  on_bytes_ = {};
  resolver_.cancel();
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace p2p::net
