#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "turn/credentials.hpp"
#include "turn/stun_message.hpp"

namespace p2p::bench {

/// A UDP socket on 127.0.0.1 that does not block, as fast system calls want it.
class Socket {
 public:
  Socket();
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void connect(const turn::Endpoint& to) const;
  [[nodiscard]] turn::Endpoint endpoint() const;
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

/// One allocation at the TURN server under load. Whatever goes wrong while it is made ends the program with a sentence.
class Client {
 public:
  /// The credential is good for whoever has the secret (turn/credentials.hpp).
  Client(const turn::Endpoint& server, std::string_view secret);

  void bind(std::uint16_t channel, const turn::Endpoint& peer);
  [[nodiscard]] const turn::Endpoint& relayed() const { return relayed_; }
  [[nodiscard]] const Socket& socket() const { return socket_; }

 private:
  template <typename Fill>
  turn::StunMessage ask(turn::StunMethod method, Fill fill);

  Socket socket_;
  turn::Credentials credentials_;
  turn::TransactionId transaction_{};
  std::string nonce_;
  std::string realm_;
  turn::Endpoint relayed_;
  Bytes answer_;   // views of messages point into it
};

}  // namespace p2p::bench
