#pragma once

#include <chrono>

namespace p2p::app {

/// Waits for SIGINT or SIGTERM, or for another thread that says it is time to look.
///
/// Make it before any other thread: it blocks both signals for all threads made after it, so that they come here alone; SIGPIPE is
/// ignored. A second signal while the program ends itself ends it the hard way, so that a person is never stuck.
class StopSignal {
 public:
  using Clock = std::chrono::steady_clock;

  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  enum class Woken { kStop, kPoked, kTime };
  [[nodiscard]] Woken wait_until(Clock::time_point until);

  /// From any thread.
  void poke();

 private:
  int signals_ = -1;
  int pokes_ = -1;
};

}  // namespace p2p::app
