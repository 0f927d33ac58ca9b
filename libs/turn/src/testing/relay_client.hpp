#pragma once

#include <optional>
#include <string>
#include <utility>

#include "testing/fake_network.hpp"
#include "turn/credentials.hpp"
#include "turn/relay.hpp"
#include "turn/stun_message.hpp"

namespace p2p::turn::testing {

inline const std::string kSecret = "the relay's secret";
inline const std::string kRealm = "p2p-stream";

inline IpAddress ip(std::string_view text) { return parse_ip(text).value(); }
inline Endpoint at(std::string_view text, std::uint16_t port) { return {ip(text), port}; }
inline Bytes bytes_of(std::string_view text) { return {as_bytes(text).begin(), as_bytes(text).end()}; }

/// A relay with a network and both clocks, all in a test's hands.
struct Bench {
  explicit Bench(Relay::Options options = {}) : relay{with_secret(std::move(options)), {}, network} {}

  static Relay::Options with_secret(Relay::Options options) {
    options.secret = kSecret;
    return options;
  }
  void pass(Duration span) {
    time.now += span;
    time.wall += span;
    relay.handle_time(time.now);
  }

  FakeNetwork network;
  Time time{.now = Instant{1h}, .wall = WallTime{std::chrono::hours{500'000}}};
  Relay relay;
};

/// What a datagram from the relay says.
struct Answer {
  Bytes bytes;
  StunMessage message;   ///< views into `bytes`
  [[nodiscard]] std::uint16_t error() const { return message.error_code.value_or(0); }
  [[nodiscard]] bool succeeded() const { return message.kind == StunClass::kSuccess; }
};

/// Speaks TURN to a relay as libwebrtc and libjuice do.
class RelayClient {
 public:
  RelayClient(Bench& bench, Endpoint from, std::string_view peer_id, Duration lifetime = 1h)
      : RelayClient{bench, from, make_credentials(kSecret, peer_id, bench.time.wall + lifetime)} {}
  RelayClient(Bench& bench, Endpoint from, Credentials credentials)
      : bench_{bench}, tuple_{.client = from, .local = ip("192.0.2.1")}, credentials_{std::move(credentials)} {}

  /// Sends a request with everything that it needs but the credentials, and reads the answer; `nullopt` when none came.
  template <typename Fill>
  std::optional<Answer> ask(StunMethod method, Fill fill) {
    next_transaction();
    Bytes request;
    StunWriter writer{request, StunClass::kRequest, method, transaction};
    fill(writer);
    if (!nonce.empty()) {
      writer.username(credentials_.username).realm(kRealm).nonce(nonce);
      writer.integrity(integrity_key(credentials_.username, kRealm, credentials_.password));
    }
    return exchange(request);
  }

  std::optional<Answer> exchange(const Bytes& datagram) {
    const std::size_t before = bench_.network.to_clients.size();
    bench_.relay.handle_client(tuple_, datagram, bench_.time);
    if (bench_.network.to_clients.size() == before) return std::nullopt;
    auto answer = std::make_optional<Answer>({.bytes = bench_.network.to_clients.back().second, .message = {}});
    answer->message = parse_stun(answer->bytes).value();
    if (!answer->message.nonce.empty()) nonce = answer->message.nonce;
    return answer;
  }

  /// Asks without credentials, is given a nonce, asks again.
  std::optional<Answer> allocate() {
    if (nonce.empty()) (void)ask(StunMethod::kAllocate, [](StunWriter& w) { w.udp_transport(); });
    auto answer = ask(StunMethod::kAllocate, [](StunWriter& w) { w.udp_transport(); });
    if (answer && answer->message.relayed) relayed = *answer->message.relayed;
    return answer;
  }
  std::optional<Answer> permit(const Endpoint& peer) {
    return ask(StunMethod::kCreatePermission, [&](StunWriter& w) { w.peer(peer); });
  }
  std::optional<Answer> bind(std::uint16_t channel, const Endpoint& peer) {
    return ask(StunMethod::kChannelBind, [&](StunWriter& w) { w.channel(channel).peer(peer); });
  }
  std::optional<Answer> refresh(std::uint32_t seconds) {
    return ask(StunMethod::kRefresh, [&](StunWriter& w) { w.lifetime(seconds); });
  }
  void send(const Endpoint& peer, std::string_view data) {
    next_transaction();
    Bytes indication;
    StunWriter{indication, StunClass::kIndication, StunMethod::kSend, transaction}.peer(peer).data(as_bytes(data));
    bench_.relay.handle_client(tuple_, indication, bench_.time);
  }
  void send(std::uint16_t channel, std::string_view data) {
    Bytes datagram;
    append_big_endian(datagram, channel);
    append_big_endian(datagram, static_cast<std::uint16_t>(data.size()));
    append(datagram, as_bytes(data));
    bench_.relay.handle_client(tuple_, datagram, bench_.time);
  }
  /// The last datagram that the relay sent to this client, if any.
  [[nodiscard]] std::optional<Bytes> last() const {
    for (auto it = bench_.network.to_clients.rbegin(); it != bench_.network.to_clients.rend(); ++it) {
      if (it->first == tuple_) return it->second;
    }
    return std::nullopt;
  }

  TransactionId transaction{};
  std::string nonce;
  Endpoint relayed{};

 private:
  void next_transaction() { transaction[0] = static_cast<std::byte>(std::to_integer<unsigned>(transaction[0]) + 1); }

  Bench& bench_;
  FiveTuple tuple_;
  Credentials credentials_;
};

}  // namespace p2p::turn::testing
