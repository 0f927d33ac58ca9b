#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <future>
#include <mutex>
#include <utility>
#include <variant>
#include <vector>

#include "p2p-core/input.hpp"
#include "p2p-core/stats.hpp"
#include "transport/links.hpp"
#include "transport/signal.hpp"

namespace p2p::transport {

/// What other threads want from the driver's, in order; many put, one takes. Bounded: put() says no when `items_max` wait, except
/// for the few things that must not be lost (poke, stop).
class DriverQueue {
 public:
  using Clock = std::chrono::steady_clock;
  struct SignalIn {
    PeerId from;
    Signal signal;
  };
  struct IceServersIn {
    std::vector<IceServer> servers;
  };
  struct StatsWanted {
    std::promise<mesh::EngineStats> answer;
  };
  using Item = std::variant<mesh::Input, SignalIn, IceServersIn, StatsWanted>;

  struct Batch {
    std::deque<Item> items;
    bool stopping = false;
  };

  explicit DriverQueue(std::size_t items_max) : items_max_{items_max} {}

  bool put(Item item) {
    const std::lock_guard lock{mutex_};
    if (stopping_ || items_.size() >= items_max_) return false;
    items_.push_back(std::move(item));
    changed_.notify_one();
    return true;
  }

  /// Something happened elsewhere: the taker looks again.
  void poke() {
    const std::lock_guard lock{mutex_};
    poked_ = true;
    changed_.notify_one();
  }

  void stop() {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    changed_.notify_one();
  }

  /// Waits for an item, a poke, a stop, or `until`.
  [[nodiscard]] Batch take(Clock::time_point until) {
    std::unique_lock lock{mutex_};
    changed_.wait_until(lock, until, [this] { return poked_ || stopping_ || !items_.empty(); });
    poked_ = false;
    return {std::exchange(items_, {}), stopping_};
  }

  /// After a stop, when nothing is put any more.
  void wait_for_poke(Clock::time_point until) {
    std::unique_lock lock{mutex_};
    changed_.wait_until(lock, until, [this] { return poked_; });
    poked_ = false;
  }

 private:
  const std::size_t items_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> items_;
  bool poked_ = false;
  bool stopping_ = false;
};

}  // namespace p2p::transport
