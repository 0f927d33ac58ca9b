#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "net/ice_server.hpp"
#include "net/signaling_details.hpp"
#include "net/stream_key.hpp"

/// The native client of docs/signaling.md, over WebSocket (with TLS for https addresses).
namespace p2p::net {

/// What a member is given for its links. It is asked for anew before it ends.
struct SignalingIceServers {
  std::vector<IceServer> servers;
  std::optional<Duration> lifetime;   ///< nothing: it does not end
};

struct SignalingCandidate {
  PeerId peer;
  std::uint8_t score = 0;
  std::string role;  ///< "source", "super-seed", "relay" or "leaf"
  bool receiving = false;
  std::uint32_t network = 0;  ///< equal for peers whose addresses are neighbors; 0: not known
  std::optional<std::uint8_t> rendition;  ///< that it has, of a stream with several
};

/// What a peer gave to all others together, as these told the server.
struct SignalingReceipt {
  PeerId peer;
  std::int64_t bits_per_s = 0;
};

/// The answer to a report.
struct SignalingStanding {
  std::uint8_t score = 0;   ///< 0 to 100
  std::vector<SignalingReceipt> receipts;
};

struct SignalingCreated {
  std::string stream_id;
  PeerId self;
  bool resumed = false;  ///< the stream was live already
};

struct SignalingJoined {
  PeerId self;
  std::array<std::byte, 32> public_key{};  ///< checked: the stream's id is its hash
  std::optional<PeerId> source;            ///< none while the source is away
  std::string title;
  std::uint32_t viewers = 0;
  std::vector<SignalingCandidate> candidates;
};

/// To be sent every five seconds: it is the heartbeat as well.
struct SignalingReport {
  struct Neighbor {
    PeerId peer;
    std::int64_t received_bytes = 0;  ///< these three since the last report
    std::int64_t failed_pieces = 0;
    std::int64_t rtt_ms = 0;
  };
  std::int64_t upload_bits_per_s = 0;
  std::int64_t upload_used_bits_per_s = 0;
  std::int64_t latency_ms = 0;
  std::int64_t buffer_ms = 0;
  int hop = 0;
  bool receiving = false;
  std::optional<std::uint8_t> rendition;  ///< that is played, of a stream with several
  std::vector<Neighbor> neighbors;  ///< the first 32 are sent
};

/// Whom to believe to be the server, besides the authorities that the system trusts.
struct TlsTrust {
  std::string ca_file;      ///< PEM: authorities, or the server's own certificate
  std::string fingerprint;  ///< SHA-256 of the server's certificate, AB:CD:...: this one and no other, whatever its name and date
};

/// A connection to a signaling server that mends itself.
///
/// Always holds: events come one at a time, on a thread of the client's own, and none after the destructor returned; methods may
/// be called from any thread, from inside of events too, and never wait (but `probe` and `leave_and_close`). A lost connection is
/// tried again for ever with growing random delays, and `create` or `join` is repeated with the same key and secret. Signals,
/// reports and searches made while the server is away are dropped: they would be stale.
///
/// The destructor must not run inside of an event.
///
/// Out of scope: WebRTC (the caller dials whom it likes), polling, proxies, the list of streams.
class SignalingClient {
 public:
  /// All may be left empty.
  struct Events {
    /// To be used for new links from now on: at first what everybody is told, without credentials; then those of the member, each time
    /// before `created` or `joined`; and fresh ones before these end.
    std::function<void(const std::vector<IceServer>&)> ice_servers;
    std::function<void(const SignalingCreated&)> created;                ///< each time, after a reconnection too
    std::function<void(const SignalingJoined&)> joined;                  ///< likewise
    /// `network` as of a candidate; `data` of docs/signaling.md: a JSON object.
    std::function<void(PeerId from, std::uint32_t network, const std::string& data_json)> signal;
    std::function<void(const SignalingStanding&)> standing;
    std::function<void(const std::vector<SignalingCandidate>&)> candidates;
    std::function<void(std::string reason)> ended;                       ///< "ended" or "source-lost"; no member any more
    std::function<void(bool online, std::optional<PeerId> source)> source_changed;
    std::function<void()> replaced;                                      ///< another connection took this place; this one stays away
    std::function<void(const Error& why)> away;                          ///< a connection or an attempt failed; it is tried again
    /// The server said no to create or join (codes of docs/signaling.md). It is asked again with the next connection, and when the
    /// caller calls create or join again.
    std::function<void(std::string code, const Error& why)> refused;
  };

  struct Options {
    std::string server_url;  ///< http://host:port or https://host; a path behind it is ignored
    TlsTrust tls;            ///< for https
  };

  /// Begins to connect. Fails on a malformed address or trust only.
  [[nodiscard]] static Result<std::unique_ptr<SignalingClient>> open(const Options& options, Events events);
  ~SignalingClient();
  SignalingClient(const SignalingClient&) = delete;
  SignalingClient& operator=(const SignalingClient&) = delete;

  /// Waits until the first connection is made or has failed. The error is the sentence for the person: nobody answers, what answers is
  /// no p2p-stream server, no trust in its certificate. The client goes on trying either way. Not from inside of an event.
  [[nodiscard]] Result<void> probe(Duration timeout);

  /// Become the source of the key's stream, or a viewer; now or as soon as there is a connection.
  void create(SignalingDetails details, StreamKey key, PeerSecret secret);
  void join(std::string stream_id, PeerSecret secret, bool giving);

  void signal(PeerId to, std::string data_json);
  /// Half of them should have the rendition, if one is named.
  void find_candidates(const std::vector<PeerId>& exclude, std::optional<std::uint8_t> rendition = std::nullopt);
  void report(const SignalingReport& report);
  void update(SignalingDetails details);
  /// A picture of the stream for lists: JPEG or WebP of at most 24 KiB, every ten seconds at most.
  void thumbnail(std::string image);

  /// Leaves (a viewer) or ends (a source) the stream and closes; returns when the server knows, or after two seconds. Nothing
  /// happens afterwards. Not from inside of an event.
  void leave_and_close();

 private:
  struct Impl;
  explicit SignalingClient(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace p2p::net
