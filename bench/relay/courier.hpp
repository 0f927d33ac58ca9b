#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "transport/signal.hpp"

namespace p2p::bench {

struct Letter {
  PeerId from;
  PeerId to;
  transport::Signal signal;
};

/// The question how much the relay has used and done so far; its answer.
struct MarkWanted {};
struct Mark {
  std::uint64_t cpu_us = 0;            ///< of the whole process
  std::uint64_t given_bytes = 0;       ///< payload
  std::uint64_t received_bytes = 0;
  std::uint64_t pieces_verified = 0;
};

/// Carries signals, questions and answers between the relay's process and that of the others, over one end of a socket pair.
class Courier {
 public:
  using Message = std::variant<Letter, MarkWanted, Mark>;

  explicit Courier(int socket) : socket_{socket} {}
  ~Courier();
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  /// From any thread.
  void send(const Message& message);
  /// Waits for the next; nothing once the other end is gone. From one thread.
  [[nodiscard]] std::optional<Message> receive();
  /// Nothing more will be sent: the other end's receive() comes back empty.
  void finish();

 private:
  bool read_all(std::span<std::byte> to);

  int socket_;
  std::mutex sending_;
};

}  // namespace p2p::bench
