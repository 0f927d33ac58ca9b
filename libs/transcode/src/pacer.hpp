#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "base/time.hpp"

namespace p2p::transcode {

/// Lets media time pass at the speed of the clock.
class Pacer {
 public:
  explicit Pacer(bool real_time) : real_time_{real_time} {}

  /// Waits until `media_time` is due (the first call sets the beginning). False: stop was requested.
  bool wait_until(Duration media_time, std::stop_token stop) {
    if (stop.stop_requested()) return false;
    if (!began_) {
      began_ = true;
      steady_began_ = std::chrono::steady_clock::now() - media_time;
      wall_began_ = now_wall() - media_time;
    }
    if (!real_time_) return true;
    const auto due = steady_began_ + media_time;
    const auto now = std::chrono::steady_clock::now();
    // Far behind (the machine slept, the input stalled): go on from here rather than rush through what was missed.
    if (now - due > 2s) {
      const auto late = std::chrono::duration_cast<Duration>(now - due);
      steady_began_ += late;
      wall_began_ += late;
      return true;
    }
    std::unique_lock lock{mutex_};
    waiting_.wait_until(lock, stop, due, [] { return false; });
    return !stop.stop_requested();
  }

  /// The wall time at which that media time is due.
  [[nodiscard]] WallTime wall(Duration media_time) const { return wall_began_ + media_time; }

 private:
  static WallTime now_wall() { return WallTime{std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())}; }

  bool real_time_;
  bool began_ = false;
  std::chrono::steady_clock::time_point steady_began_;
  WallTime wall_began_{};
  std::mutex mutex_;
  std::condition_variable_any waiting_;
};

}  // namespace p2p::transcode
