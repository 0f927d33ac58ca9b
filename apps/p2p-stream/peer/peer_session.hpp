#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "net/signaling_details.hpp"
#include "p2p-core/input.hpp"
#include "p2p-core/output.hpp"
#include "p2p-core/stats.hpp"
#include "transport/crypto.hpp"

namespace p2p::app {

/// A peer with its server: brings the engine's driver and the signaling client together, for `publish` and `watch`.
///
/// Always holds: events come on threads of the session's own and must be brief; none comes after stop() returned. While the server is
/// away the peer goes on, and neighbors make its links; when it is back the peer returns under its old name.
///
/// Out of scope: where frames come from and where parts go.
class PeerSession {
 public:
  struct Options {
    std::string server_url;
    std::string tls_ca_file;       ///< for https: an authority besides the system's, or the server's own certificate
    std::string tls_fingerprint;   ///< SHA-256 of the server's certificate: this one and no other
    bool giving = true;
    std::uint16_t connections_max = 16;
    std::int64_t upload_bits_per_s = 20'000'000;
    std::function<void(mesh::Send&)> tamper;   ///< tests play a hostile peer with it
  };

  /// All may be left empty.
  struct Events {
    std::function<void(const std::string& stream_id, bool resumed)> created;   ///< source: each time the server knows us
    std::function<void(const std::string& title)> joined;                      ///< viewer: likewise
    std::function<void(const mesh::PlayRendition&)> rendition;
    std::function<void(const mesh::PlayPart&)> part;
    std::function<void(const mesh::ChatMessage&)> chat;                        ///< somebody said it; a history may come newest first
    std::function<void(std::string reason)> ended;                             ///< "ended", "source-lost" or "replaced"
    std::function<void(std::string code, const Error& why)> refused;           ///< before the first created or joined
    std::function<void(const Error& why)> away;
    std::function<void(const std::string& line)> note;                         ///< for a log
  };

  [[nodiscard]] static Result<std::unique_ptr<PeerSession>> publish(Options options, transport::SigningKey key, net::SignalingDetails details, Events events);
  [[nodiscard]] static Result<std::unique_ptr<PeerSession>> watch(Options options, const mesh::StreamId& stream, Events events);
  ~PeerSession();

  /// False when the engine is not up yet or has stopped.
  bool post(mesh::Input input);
  [[nodiscard]] std::optional<mesh::EngineStats> stats();
  /// Of the source: what lists show. JPEG or WebP, 24 KiB at most.
  void thumbnail(std::string image);

  /// Says goodbye to neighbors and server. Not from inside of an event.
  void stop();

 private:
  class Impl;
  explicit PeerSession(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace p2p::app
