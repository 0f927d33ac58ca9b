#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "base/time.hpp"

namespace p2p::simulator {

/// What happens at a time; events of one time happen in the order in which they were scheduled.
///
/// A calendar: near events lie in buckets of about a millisecond, and a bucket is sorted when its time comes, so that scheduling costs the
/// same for ten peers and ten thousand, and what comes next can be seen ahead.
template <typename What>
class EventQueue {
 public:
  void push(Instant at, What what) {
    CHECK(at >= now_, "an event in the past");
    place({at, next_order_++, what});
    ++size_;
  }

  /// When the next event happens; kNever when there is none.
  [[nodiscard]] Instant next() {
    while (opened_empty()) {
      if (size_ == 0) return kNever;
      open_next_bucket();
    }
    return late_is_next() ? late_.front().at : open_[taken_].at;
  }

  /// The next event. There must be one.
  What pop() {
    CHECK(next() != kNever, "nothing left to happen");
    --size_;
    if (!late_is_next()) {
      now_ = open_[taken_].at;
      return open_[taken_++].what;
    }
    std::ranges::pop_heap(late_, Later{});
    const Event event = late_.back();
    late_.pop_back();
    now_ = event.at;
    return event.what;
  }

  /// What will probably happen after so many others: nothing when it is not known yet.
  [[nodiscard]] const What* ahead(std::size_t events) const { return events < open_.size() - taken_ ? &open_[taken_ + events].what : nullptr; }

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Event {
    Instant at{};
    std::uint64_t order = 0;
    What what;
    [[nodiscard]] bool after(const Event& other) const { return at != other.at ? at > other.at : order > other.order; }
  };
  struct Later {
    bool operator()(const Event& a, const Event& b) const { return a.after(b); }
  };
  static constexpr std::int64_t kBucketUs = 1024;
  static constexpr std::size_t kBuckets = 8192;  // about eight seconds

  static std::int64_t bucket_of(Instant at) { return at.time_since_epoch().count() / kBucketUs; }

  [[nodiscard]] bool opened_empty() const { return taken_ == open_.size() && late_.empty(); }
  [[nodiscard]] bool late_is_next() const { return taken_ == open_.size() || (!late_.empty() && open_[taken_].after(late_.front())); }

  void place(const Event& event) {
    const std::int64_t bucket = bucket_of(event.at);
    if (bucket <= opened_) {
      late_.push_back(event);
      std::ranges::push_heap(late_, Later{});
    } else if (bucket < opened_ + static_cast<std::int64_t>(kBuckets)) {
      std::vector<Event>& events = near_[static_cast<std::size_t>(bucket) % kBuckets];
      if (events.capacity() == 0 && !spare_.empty()) {
        events = std::move(spare_.back());
        spare_.pop_back();
      }
      events.push_back(event);
    } else {
      far_.push_back(event);
      std::ranges::push_heap(far_, Later{});
    }
  }

  /// All of the one at hand was taken.
  void open_next_bucket() {
    ++opened_;
    // Nothing near: straight to the first of the far ones.
    if (size_ == far_.size()) opened_ = std::max(opened_, bucket_of(far_.front().at));
    while (!far_.empty() && bucket_of(far_.front().at) < opened_ + static_cast<std::int64_t>(kBuckets)) {
      std::ranges::pop_heap(far_, Later{});
      const Event event = far_.back();
      far_.pop_back();
      place(event);
    }
    std::vector<Event>& events = near_[static_cast<std::size_t>(opened_) % kBuckets];
    open_.clear();
    taken_ = 0;
    if (events.empty()) return;
    // Its memory serves another bucket: were it to stay with this one, each would hold as much as the fullest ever did.
    if (open_.capacity() > 0) spare_.push_back(std::move(open_));
    open_ = std::exchange(events, {});
    std::ranges::sort(open_, [](const Event& a, const Event& b) { return b.after(a); });
  }

  std::vector<Event> open_;    // the bucket at hand, in order
  std::size_t taken_ = 0;      // of open_
  std::vector<Event> late_;    // a heap: what was scheduled when its bucket was at hand already
  std::array<std::vector<Event>, kBuckets> near_;
  std::vector<Event> far_;     // a heap
  std::vector<std::vector<Event>> spare_;   // empty, with memory
  std::int64_t opened_ = -1;
  std::size_t size_ = 0;
  std::uint64_t next_order_ = 0;
  Instant now_{};
};

}  // namespace p2p::simulator
