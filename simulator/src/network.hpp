#pragma once

#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "person.hpp"

namespace p2p::simulator {

inline constexpr std::int64_t kPacketBytes = 1150;     ///< payload of an SCTP packet
inline constexpr std::int64_t kPacketOverhead = 77;    ///< IP, UDP, DTLS and SCTP headers
inline constexpr std::int64_t kAckBytesPerPacket = 50; ///< every second packet is acknowledged

[[nodiscard]] inline std::int64_t packets_of(std::int64_t bytes) { return (bytes + kPacketBytes - 1) / kPacketBytes; }
[[nodiscard]] inline std::int64_t bytes_on_line(std::int64_t bytes) { return bytes + packets_of(bytes) * kPacketOverhead; }

/// A line on which packets queue.
class Line {
 public:
  explicit Line(std::int64_t bits_per_s = 1) : bits_per_s_{bits_per_s} {}
  /// What is in the queue passes at the old rate.
  void set_rate(std::int64_t bits_per_s) { bits_per_s_ = bits_per_s; }
  /// What comes from now on waits for a queue that passes at the new rate.
  void set_rate(std::int64_t bits_per_s, Instant now);

  /// When it has passed.
  Instant pass(std::int64_t bytes, Instant now);
  /// How much of it finds room when no more than `queue` may wait.
  [[nodiscard]] std::int64_t room(std::int64_t bytes, Duration queue, Instant now) const;
  [[nodiscard]] Duration wait(Instant now) const { return free_at_ > now ? free_at_ - now : Duration{}; }

 private:
  std::int64_t bits_per_s_;
  Instant free_at_{};
};

/// A peer's access to the internet.
struct Access {
  Line up;
  Line down;
};

}  // namespace p2p::simulator
