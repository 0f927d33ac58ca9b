#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "transport/links.hpp"

namespace p2p::transport::testing {

inline constexpr PeerId kAda{1};   // the smaller id
inline constexpr PeerId kBob{2};

/// Some Links in this process and a directory between them that loses nothing; one thread runs them all.
class Neighborhood {
 public:
  struct Seen {
    std::vector<PeerId> offers;
    std::vector<PeerId> up;
    std::vector<Links::Down> down;
    std::vector<Links::Message> messages;
    std::vector<Instant> arrived;   ///< of each message
    int draining = 0;
  };

  Links& add(PeerId id, Links::Options options = {}) {
    options.self = id;
    options.bind_address = "127.0.0.1";   // there on every machine, also on one without a network
    options.linger = std::chrono::minutes{1};   // a busy machine may need longer than a user would wait
    options.wake = [this] {
      const std::lock_guard lock{mutex_};
      woken_ = true;
      changed_.notify_one();
    };
    return *(links_[id] = std::make_unique<Links>(std::move(options)));
  }

  Links& operator[](PeerId id) { return *links_.at(id); }
  Seen& seen(PeerId id) { return seen_[id]; }
  void remove(PeerId id) { links_.erase(id); }
  void set_busy(PeerId id, bool busy) { busy ? void(busy_.insert(id)) : void(busy_.erase(id)); }   ///< who is busy looks at nothing

  [[nodiscard]] Instant now() const {
    const auto passed = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start_);
    return Instant{passed} + skipped_;
  }
  void skip(Duration span) { skipped_ += span; }

  /// Runs until `done`; false after a deadline that no working machine meets.
  template <typename Done>
  bool run_until(Done done) {
    return run_until(done, std::chrono::steady_clock::now() + std::chrono::seconds{60});
  }

  /// For the pace of a live stream.
  void run_to(Instant moment) {
    run_until([] { return false; }, start_ + (moment - skipped_).time_since_epoch());
  }

  bool connect(PeerId dialer, PeerId other) {
    links_.at(dialer)->dial(other, now());
    return run_until([&] { return is_up(dialer, other) && is_up(other, dialer); });
  }

  bool is_up(PeerId at, PeerId peer) { return std::ranges::count(seen_[at].up, peer) > std::ranges::count(seen_[at].down, peer, &Links::Down::peer); }

  void send(PeerId from, PeerId to, mesh::Channel channel, std::size_t size, std::byte fill = std::byte{7}) {
    links_.at(from)->send(to, channel, Bytes(1, fill), Bytes(size - 1, fill));
  }

  enum class Answer { kAccept, kRefuse, kLater };
  Answer answer = Answer::kAccept;
  std::function<void(PeerId from, PeerId to, Signal&)> tamper;   ///< what a hostile peer would have sent instead

 private:
  template <typename Done>
  bool run_until(Done done, std::chrono::steady_clock::time_point deadline) {
    for (;;) {
      while (step()) {}
      if (done()) return true;
      std::unique_lock lock{mutex_};
      const auto wake_at = std::min(deadline, next_wake());
      changed_.wait_until(lock, wake_at, [this] { return woken_; });
      woken_ = false;
      if (std::chrono::steady_clock::now() >= deadline) return false;
    }
  }

  bool step() {
    bool any = false;
    for (auto& [id, links] : links_) {
      if (busy_.contains(id)) continue;
      while (auto event = links->poll(now())) {
        any = true;
        take(id, std::move(*event));
      }
    }
    return any;
  }

  void take(PeerId id, Links::Event event) {
    Seen& seen = seen_[id];
    if (auto* out = std::get_if<Links::SignalOut>(&event)) {
      if (tamper) tamper(id, out->to, out->signal);
      if (const auto to = links_.find(out->to); to != links_.end()) to->second->handle(id, out->signal, now());
    } else if (auto* offer = std::get_if<Links::OfferIn>(&event)) {
      seen.offers.push_back(offer->from);
      if (answer == Answer::kAccept) links_.at(id)->accept(offer->from, now());
      if (answer == Answer::kRefuse) links_.at(id)->refuse(offer->from, "no room");
    } else if (auto* up = std::get_if<Links::Up>(&event)) {
      seen.up.push_back(up->peer);
    } else if (auto* down = std::get_if<Links::Down>(&event)) {
      seen.down.push_back(std::move(*down));
    } else if (auto* message = std::get_if<Links::Message>(&event)) {
      seen.messages.push_back(std::move(*message));
      seen.arrived.push_back(now());
    } else {
      ++seen.draining;
    }
  }

  [[nodiscard]] std::chrono::steady_clock::time_point next_wake() const {
    Instant next = kNever;
    for (const auto& [id, links] : links_) {
      if (!busy_.contains(id)) next = std::min(next, links->next_wake());
    }
    if (next == kNever) return std::chrono::steady_clock::time_point::max();
    return start_ + (next - skipped_).time_since_epoch();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  Duration skipped_{};
  std::map<PeerId, Seen> seen_;
  std::set<PeerId> busy_;
  std::map<PeerId, std::unique_ptr<Links>> links_;   // last: its threads call `wake` until it is gone
};

}  // namespace p2p::transport::testing
