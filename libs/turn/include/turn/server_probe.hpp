#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "turn/endpoint.hpp"
#include "turn/stun_message.hpp"

namespace p2p::turn {

/// Asks a STUN or TURN server what clients will ask of it: a binding (RFC 8489) and, with credentials, a relayed address (RFC 8656), which it
/// gives back. Without sockets or clocks; the same messages go over UDP, TCP and TLS.
///
/// Always holds: at most one request is awaited; what does not answer it changes nothing; an allocation that was made is given back before kDone.
///
/// Out of scope: when a request is sent again (whoever has the clock does it with `request()`), data through the relay.
class ServerProbe {
 public:
  struct Options {
    std::string username;   ///< both empty: STUN alone
    std::string password;
    TransactionId first_transaction{};   ///< from a cryptographic generator; later ones count on from it
  };
  enum class State : std::uint8_t { kAsking, kDone, kFailed };

  struct Findings {
    std::optional<Endpoint> mapped;     ///< whence the server saw us come
    std::optional<Endpoint> relayed;    ///< that it gave
    std::optional<Duration> lifetime;   ///< of the allocation
    std::uint16_t error_code = 0;       ///< after kFailed: of the server's answer; 0: the answer was no good
    std::string error;                  ///< after kFailed: what the server said no to, as the end of a sentence
  };

  explicit ServerProbe(Options options);

  /// What is to be sent now; empty when nothing is asked any more.
  [[nodiscard]] const Bytes& request() const { return request_; }
  /// One message that came.
  State handle(BytesView message);
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const Findings& findings() const { return findings_; }

 private:
  enum class Step : std::uint8_t { kBinding, kChallenge, kAllocate, kGiveBack };

  void ask(Step step);
  State fail(std::uint16_t code, std::string what);
  State handle_error(const StunMessage& answer);
  State handle_success(const StunMessage& answer);

  Options options_;
  Step step_ = Step::kBinding;
  State state_ = State::kAsking;
  TransactionId transaction_;
  Bytes request_;
  std::string realm_;
  std::string nonce_;
  int stale_nonces_ = 0;
  Findings findings_;
};

}  // namespace p2p::turn
