#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace p2p::net {

/// A certificate with those that lead to its root, and its key; both in PEM.
struct CertificateText {
  std::string chain;
  std::string key;
};

/// One accepted connection's TLS over a socket that does not block. OpenSSL keeps no buffers for it while it is idle.
///
/// Always holds: after kFailed or kEnd nothing more is to be asked of it.
class TlsStream {
 public:
  enum class State { kOk, kWouldBlock, kEnd, kFailed };
  struct Outcome {
    State state = State::kOk;
    std::size_t bytes = 0;
  };

  TlsStream(ssl_ctx_st* context, int socket);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  /// What came, at most a record (16 KiB); shakes hands first. A buffer of a record's size is never left with bytes in here.
  [[nodiscard]] Outcome read(std::span<std::byte> into);
  /// As much of the parts, one after the other, as goes. Whoever is told kWouldBlock begins the next attempt with the same bytes.
  [[nodiscard]] Outcome write(std::span<const std::string_view> parts);
  /// Says that nothing follows, if that can be said at once.
  void finish();

  [[nodiscard]] bool established() const;
  /// The handshake waits for the socket to take bytes, not to give some.
  [[nodiscard]] bool wants_to_write() const { return wants_to_write_; }
  /// What came was HTTP without TLS: somebody wrote http:// for https://.
  [[nodiscard]] bool met_plain_http() const { return met_plain_http_; }

 private:
  [[nodiscard]] State state_of(int result);

  int socket_;  // OpenSSL holds its address
  ssl_st* ssl_;
  bool wants_to_write_ = false;
  bool met_plain_http_ = false;
};

/// A listener's certificate: TLS 1.2 and newer, HTTP/1.1.
///
/// Always holds: connections keep the certificate that they began with; one that cannot be used never replaces one that is in use.
class TlsServer {
 public:
  /// The errors are sentences for a person, about options called --tls-cert and --tls-key.
  [[nodiscard]] static Result<std::shared_ptr<TlsServer>> from_files(std::string certificate_file, std::string key_file);
  [[nodiscard]] static Result<std::shared_ptr<TlsServer>> from_text(const CertificateText& certificate);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  /// Reads the files again; nothing to do for one from text.
  [[nodiscard]] Result<void> reload();
  /// The files have changed since they were last read.
  [[nodiscard]] bool changed() const;

  [[nodiscard]] std::unique_ptr<TlsStream> accept(int socket) const { return std::make_unique<TlsStream>(context_, socket); }
  /// SHA-256 of the certificate, as browsers show it: AB:CD:...
  [[nodiscard]] std::string fingerprint() const;

 private:
  using Times = std::pair<std::filesystem::file_time_type, std::filesystem::file_time_type>;

  TlsServer() = default;
  [[nodiscard]] Result<void> use(const CertificateText& certificate);
  [[nodiscard]] Times times() const;

  ssl_ctx_st* context_ = nullptr;
  std::string certificate_file_;
  std::string key_file_;
  Times read_at_;
};

}  // namespace p2p::net
