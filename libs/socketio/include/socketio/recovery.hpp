#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"

/// Connection state recovery of Socket.IO (protocol version 5, servers from 4.6 on): a client that lost its transport comes back as who
/// it was and gets the events that it missed.
///
/// The server gives a private id in CONNECT's answer, `40{"sid":...,"pid":...}`, and an offset as the last argument of each event. A
/// client that comes back asks with `40{"pid":...,"offset":...}`, the offset being the last that it saw; it gets its old `sid` and `pid`
/// and, after CONNECT's answer, the events behind the offset.
///
/// Always holds: what is kept of a client is bounded in packets, bytes and time, and so is the number of clients that are away; when
/// full, the oldest goes. Who asks for what is not kept any more is a new client.
///
/// Out of scope: events that wait for an acknowledgement (who would be told of it?), ids (the driver draws them; the private one is a
/// secret of at least 128 random bits, never logged), several servers.
namespace p2p::socketio {

struct RecoveryLimits {
  std::size_t packets_max = 256;       ///< of one client
  std::size_t bytes_max = 256 * 1024;  ///< of one client, attachments among them
  Duration age_max = 120s;             ///< of a packet, and of a client's absence; the stock server's default
  std::size_t away_max = 1'024;        ///< clients
};

/// An event as it was sent.
struct SentEvent {
  std::string packet;
  std::vector<std::string> attachments;
  Instant sent_at;
};

/// The last events that one client was sent in one namespace.
class RecoveryWindow {
 public:
  /// What the next event's last argument is to be; a JSON string is made of it by quotes alone.
  [[nodiscard]] std::string next_offset() const { return std::to_string(next_); }

  /// The event that carries `next_offset`.
  void record(SentEvent event, const RecoveryLimits& limits);

  /// Drops what is too old.
  void trim(Instant now, const RecoveryLimits& limits);

  /// The events behind `offset`. Nothing if it was never given out, or some of what came behind it is not kept any more.
  [[nodiscard]] std::optional<std::vector<const SentEvent*>> after(std::string_view offset) const;

  [[nodiscard]] std::size_t packets() const { return events_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  void drop_first();

  std::deque<SentEvent> events_;
  std::uint64_t next_ = 1;
  std::size_t bytes_ = 0;
};

/// One client in one namespace.
struct RecoverableClient {
  std::string nspace;
  std::string sid;
  std::string pid;
  RecoveryWindow window;
};

/// Clients that are away and may come back.
class RecoveryStore {
 public:
  explicit RecoveryStore(RecoveryLimits limits = {}) : limits_{limits} {}

  [[nodiscard]] const RecoveryLimits& limits() const { return limits_; }

  /// The client lost its transport. Not for one that left, was sent away or broke the protocol.
  void keep(RecoverableClient client, Instant now);

  /// The client that comes back, with a window that reaches to `offset`; nothing if there is none. It is not kept here any more either way.
  [[nodiscard]] std::optional<RecoverableClient> take(std::string_view nspace, std::string_view pid, std::string_view offset, Instant now);

  void handle_time(Instant now);
  [[nodiscard]] Instant next_wake() const { return away_.empty() ? kNever : away_.front().gone_at + limits_.age_max; }
  [[nodiscard]] std::size_t size() const { return away_.size(); }

 private:
  struct Away {
    RecoverableClient client;
    Instant gone_at;
  };

  void drop_first();

  RecoveryLimits limits_;
  std::list<Away> away_;                                                    // the longest absent first
  std::unordered_map<std::string_view, std::list<Away>::iterator> by_pid_;  // views of the pids in `away_`
};

}  // namespace p2p::socketio
