#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "p2p-core/types.hpp"
#include "transport/signal.hpp"

namespace p2p::transport {

/// Tells one connection from the next to the same peer: what an old one still has to say must not touch the new one.
using ConnectionNumber = std::uint64_t;

/// What libdatachannel's threads report to the owner of the links.
///
/// Bounded by what causes it: a connection has one description, at most kLocalCandidatesMax candidates, one opening of each channel,
/// one end; Readable comes only after the owner emptied the channel. Messages stay in their channel (1,024 at most, then SCTP's
/// window closes) until the owner takes them.
class LinkInbox {
 public:
  struct Opened {
    mesh::Channel channel;
  };
  struct Readable {
    mesh::Channel channel;
  };
  struct Ended {
    std::string why;
  };
  struct Released {};   ///< closed to the last byte
  using What = std::variant<Signal, Opened, Readable, Ended, Released>;
  struct Item {
    ConnectionNumber connection;
    What what;
  };

  explicit LinkInbox(std::function<void()> wake) : wake_{std::move(wake)} {}

  void put(ConnectionNumber connection, What what) {
    const std::lock_guard lock{mutex_};
    if (closed_) return;
    items_.push_back({connection, std::move(what)});
    if (wake_) wake_();
  }

  /// The owner goes; libdatachannel's threads may still have something to say.
  void close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
  }

  [[nodiscard]] std::vector<Item> take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(items_, {});
  }

 private:
  const std::function<void()> wake_;
  std::mutex mutex_;
  std::vector<Item> items_;
  bool closed_ = false;
};

inline constexpr int kLocalCandidatesMax = 64;

}  // namespace p2p::transport
