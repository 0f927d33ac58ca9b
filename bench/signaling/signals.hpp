#pragma once

#include <cstdint>
#include <vector>

#include "base/error.hpp"
#include "cast.hpp"
#include "server_process.hpp"

namespace p2p::bench {

struct SignalsPlan {
  std::size_t burst = 1;       ///< signals that one member sends at once, to as many others
  std::size_t in_flight = 64;  ///< bursts that are under way; as many as come back are sent anew
  std::uint32_t per_s = 0;     ///< instead of that: so many a second, at times that do not wait for the server
  Duration warm_up = 2s;
  Duration measured = 10s;
};

struct SignalsOutcome {
  std::uint64_t delivered = 0;
  Duration cpu{};   ///< of the server
  Duration wall{};
  Duration p50{};   ///< from the time when a signal was due until its receiver has it
  Duration p99{};
};

/// Members of one room signal each other, each signal acknowledged.
class Signals final : public Scenario {
 public:
  Signals(Net& net, Cast& cast, const ServerProcess& server, SignalsPlan plan);

  /// May be run again, for the next span.
  [[nodiscard]] Result<SignalsOutcome> run();
  /// Signals that were sent and did not arrive, or were not acknowledged, within `patience`.
  [[nodiscard]] std::uint64_t missing(Duration patience);

  void on_event(Client& client, std::string_view name, std::string_view json) override;
  void on_ack(Client& client, std::uint64_t id, std::string_view json) override;

 private:
  void send_burst(Instant due);
  void send_what_is_due(Instant now);
  void send_what_has_room();

  Net& net_;
  Cast& cast_;
  const ServerProcess& server_;
  SignalsPlan plan_;
  std::string sdp_tail_;
  std::vector<Instant> due_;             // by the signal's number, as a ring
  std::vector<std::int64_t> latencies_;  // microseconds
  std::uint64_t begun_ = 0;
  std::uint64_t acked_ = 0;
  std::uint64_t delivered_ = 0;
  std::size_t sender_ = 0;
  Instant next_at_{};
  bool measuring_ = false;
};

/// The value below which that share lies; sorts what it is given as far as it must.
[[nodiscard]] Duration percentile(std::vector<std::int64_t>& microseconds, double share);

}  // namespace p2p::bench
