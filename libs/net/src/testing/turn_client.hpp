#pragma once

#include <poll.h>

#include <array>
#include <optional>
#include <utility>

#include "base/bytes.hpp"
#include "turn/credentials.hpp"
#include "turn/stun_message.hpp"
#include "udp_socket.hpp"

namespace p2p::net::testing {

inline const turn::IpAddress kLoopback = turn::IpAddress::v4(127, 0, 0, 1);

/// Waits for one datagram.
inline std::optional<Bytes> next(const UdpSocket& socket) {
  pollfd wanted{.fd = socket.descriptor(), .events = POLLIN, .revents = 0};
  if (::poll(&wanted, 1, 30'000) != 1) return std::nullopt;
  std::array<std::byte, 2'048> buffer{};
  const auto received = socket.receive(buffer);
  if (!received) return std::nullopt;
  return Bytes{buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(received->bytes)};
}

/// Speaks TURN to a server on this machine over a socket of its own.
class TurnClient {
 public:
  TurnClient(std::uint16_t server_port, turn::Credentials credentials)
      : server_{.ip = kLoopback, .port = server_port}, credentials_{std::move(credentials)}, socket_{UdpSocket::bind(kLoopback, 0).value()} {}

  /// What was answered; 0: success, else the error's code. Nothing when no answer came.
  template <typename Fill>
  std::optional<std::uint16_t> ask(turn::StunMethod method, Fill fill) {
    transaction_[0] = static_cast<std::byte>(std::to_integer<unsigned>(transaction_[0]) + 1);
    Bytes request;
    turn::StunWriter writer{request, turn::StunClass::kRequest, method, transaction_};
    fill(writer);
    if (!nonce_.empty()) {
      writer.username(credentials_.username).realm(realm_).nonce(nonce_);
      writer.integrity(turn::integrity_key(credentials_.username, realm_, credentials_.password));
    }
    send(request);
    const auto answer = next(socket_);
    const auto message = answer ? turn::parse_stun(*answer) : std::nullopt;
    if (!message) return std::nullopt;
    if (!message->nonce.empty()) nonce_ = message->nonce;
    if (!message->realm.empty()) realm_ = message->realm;
    if (message->relayed) relayed = *message->relayed;
    return message->error_code.value_or(0);
  }

  /// Asks without a credential, is given a nonce, asks again.
  std::optional<std::uint16_t> allocate() {
    const auto fill = [](turn::StunWriter& writer) { writer.udp_transport(); };
    if (nonce_.empty()) (void)ask(turn::StunMethod::kAllocate, fill);
    return ask(turn::StunMethod::kAllocate, fill);
  }
  std::optional<std::uint16_t> bind(std::uint16_t channel, const turn::Endpoint& peer) {
    return ask(turn::StunMethod::kChannelBind, [&](turn::StunWriter& writer) { writer.channel(channel).peer(peer); });
  }

  void send(BytesView datagram) const { socket_.send(server_, std::nullopt, datagram); }
  void send(std::uint16_t channel, BytesView data) const {
    Bytes datagram;
    append_big_endian(datagram, channel);
    append_big_endian(datagram, static_cast<std::uint16_t>(data.size()));
    append(datagram, data);
    send(datagram);
  }
  [[nodiscard]] const UdpSocket& socket() const { return socket_; }

  turn::Endpoint relayed{};

 private:
  turn::Endpoint server_;
  turn::Credentials credentials_;
  UdpSocket socket_;
  turn::TransactionId transaction_{};
  std::string nonce_;
  std::string realm_;
};

}  // namespace p2p::net::testing
