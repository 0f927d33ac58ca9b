#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "net/ice_servers.hpp"
#include "net/static_asset.hpp"

namespace boost::asio {
class io_context;
}

namespace p2p::net {

class TurnServer;

/// The server of docs/signaling.md and of the web application, on one port and one thread: the one that runs the io_context.
///
/// Always holds: no media passes; an idle connection keeps no buffer; every queue is bounded (connection.hpp, engine_hub.hpp).
/// The io_context, the assets and the relay outlive the server; it is destroyed on the context's thread or after the context has stopped.
///
/// `/healthz` says that it runs, `/readyz` whether newcomers should be sent here (503 while it drains), `/metrics` how it does in
/// Prometheus' text format: on a listener of its own, or for want of one to this machine alone (docs/operations.md).
///
/// Out of scope: relaying of media.
class SignalingServer {
 public:
  struct Options {
    std::string host = "0.0.0.0";  ///< an address; "::" is both IPv6 and IPv4
    std::uint16_t port = 3001;     ///< 0: any that is free
    std::vector<std::string> allowed_origins;  ///< pages of these may connect besides the server's own; "*" for all
    std::string consent = "notice";  ///< what pages do before a viewer agrees to share: "notice", "ask" or "off" (docs/signaling.md)
    std::vector<std::string> trusted_proxies;  ///< addresses and blocks of proxies whose X-Forwarded-* fields are believed
    std::string metrics_listen;    ///< ADDRESS:PORT for /metrics, /healthz and /readyz alone; empty: /metrics only to this machine
    std::string version;           ///< as metrics show it
    std::string tls_certificate_file;  ///< PEM, with those that lead to its root; both, or neither for HTTP without TLS
    std::string tls_key_file;
    bool tls_self_signed = false;  ///< instead of the files
    std::string state_folder;      ///< keeps the self-signed certificate; empty: it is another one in each run
    IceServers::Options ice_servers;
    const TurnServer* relay = nullptr;  ///< that metrics are to show, too
    std::span<const StaticAsset> assets;
    std::size_t connections_max = 50'000;
    Duration ping_interval = 25s;
    Duration ping_timeout = 20s;
  };

  /// Listens; answers once the context runs. The error is a sentence for a person (port in use, no such address).
  [[nodiscard]] static Result<std::unique_ptr<SignalingServer>> listen(boost::asio::io_context& io, Options options);
  ~SignalingServer();

  [[nodiscard]] std::uint16_t port() const;
  /// Of metrics_listen; 0 without it.
  [[nodiscard]] std::uint16_t metrics_port() const;

  /// SHA-256 of the certificate as browsers show it (AB:CD:...); empty without TLS.
  [[nodiscard]] std::string tls_fingerprint() const;
  /// Reads the certificate's files again, as it does by itself within seconds of a change. Connections stay; with files that cannot
  /// be used the old certificate does, too, and the log says why.
  void reload_tls();

  /// Takes no more connections, says `server:leaving` and goodbye to those there are, a thousand each tenth of a second; when all are
  /// gone, nothing of the server is left on the context. Takes two seconds, and ten at most.
  void shut_down();

 private:
  struct Impl;
  explicit SignalingServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

/// Addresses of this machine at which others may reach it, for URLs.
[[nodiscard]] std::vector<std::string> lan_addresses();

}  // namespace p2p::net
