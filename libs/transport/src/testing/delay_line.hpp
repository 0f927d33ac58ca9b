#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "base/bytes.hpp"
#include "transport/signal.hpp"

namespace p2p::transport::testing {

/// A stretch of network between two peers of this machine: a real round-trip time, and losses that a test chooses.
///
/// Both peers are on 127.0.0.1 and know each other by their candidates only. reroute() names the line in the place of the peer whose
/// candidate it is, so that every datagram of the link crosses the line, which passes it on `one_way` later, in order.
///
/// Out of scope: rates, jitter, more than one link a line.
class DelayLine {
 public:
  enum class Way { kThere, kBack };   ///< from the first peer to the second, and from the second to the first

  /// What a datagram carries, by its first byte (RFC 7983) and, for DTLS, the content type in it (RFC 6347).
  enum class Kind { kStun, kHandshake, kData, kOther };

  enum class Fate {
    kPass,
    kLose,
    kPutAside,         ///< waits for one that takes it along
    kTakeAsideAlong,   ///< passes, right behind those of its way that were put aside
  };

  struct Options {
    std::chrono::microseconds one_way{0};
    /// What becomes of a datagram; without it, all pass. Called on the line's thread.
    std::function<Fate(Way, BytesView datagram)> fate;
  };

  struct Crossed {
    std::int64_t datagrams = 0;
    std::int64_t bytes = 0;
    std::int64_t lost = 0;
  };

  explicit DelayLine(Options options);
  ~DelayLine();
  DelayLine(const DelayLine&) = delete;
  DelayLine& operator=(const DelayLine&) = delete;

  /// The candidate of the peer that sends `way`, as the other one is to see it.
  [[nodiscard]] SignalCandidate reroute(Way way, const SignalCandidate& candidate);

  /// Keeps everything of that way, from now on, until release().
  void hold(Way way);
  void release(Way way);

  [[nodiscard]] Crossed crossed(Way way, Kind kind) const;

  [[nodiscard]] static Kind kind_of(BytesView datagram);
  /// The answer to a connectivity check (RFC 8489 section 5).
  [[nodiscard]] static bool is_check_answer(BytesView datagram);
  /// Whether a DTLS handshake begins, or begins again, with this datagram.
  [[nodiscard]] static bool is_client_hello(BytesView datagram);

 private:
  using Clock = std::chrono::steady_clock;
  struct Datagram {
    Clock::time_point due;
    Bytes bytes;
  };
  /// The end of the line that one peer talks to.
  struct End {
    int socket = -1;
    std::uint16_t port = 0;        // the line's own
    std::uint16_t peer_port = 0;   // 0 until its candidate was rerouted
    std::deque<Datagram> queue;    // from this end's peer, on its way to the other
    std::vector<Bytes> aside;
    bool held = false;
    std::map<Kind, Crossed> crossed;
  };

  void run();
  void read(End& from);
  void pass_on(End& from, End& to, Clock::time_point now);
  void wake();
  [[nodiscard]] Clock::time_point next_due() const;
  End& end(Way way) { return ends_[static_cast<std::size_t>(way)]; }
  [[nodiscard]] const End& end(Way way) const { return ends_[static_cast<std::size_t>(way)]; }

  const Options options_;
  mutable std::mutex mutex_;
  std::array<End, 2> ends_;   // by the way that its peer sends
  int wakes_ = -1;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace p2p::transport::testing
