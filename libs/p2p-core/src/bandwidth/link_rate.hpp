#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace p2p::mesh {

/// What one link carries, as its sender sees it: the pace at which a queue in front of it drains.
///
/// Always holds: while nothing queues nothing is concluded, but that the link suffices. Bytes that leave at once, as a window of
/// packets does, are no evidence of a rate: only what leaves between two moments with a queue counts.
///
/// Out of scope: the line at home, which all links share (upload_budget.hpp).
class LinkRate {
 public:
  /// Bytes were handed to the link.
  void sent(std::int64_t bytes) { sent_ += bytes; }
  /// So much of it has not left yet.
  void waiting(std::int64_t bytes, Instant now);

  /// One of its ends stood still: what waits says nothing of the link.
  void interrupted() { end_queue(); }

  /// The link has `to` associations in place of `from`: it carries as many times as much.
  void widened(std::uint32_t from, std::uint32_t to);

  /// Nothing until the link was full once.
  [[nodiscard]] std::optional<std::int64_t> bits_per_s() const { return rate_; }

 private:
  void carried(std::int64_t left, Instant now);
  void end_queue() {
    queueing_ = false;
    spans_ = 0;
  }

  std::int64_t sent_ = 0;
  std::int64_t sent_then_ = 0;   // at the last look
  std::int64_t left_then_ = 0;   // when the present span of queueing began
  Instant since_{};
  std::int64_t carried_left_ = 0;   // when the present second began
  Instant carried_since_{};
  Instant judged_at_{};
  bool queueing_ = false;
  int spans_ = 0;   // in a row in which the link was full
  std::optional<std::int64_t> rate_;
};

}  // namespace p2p::mesh
