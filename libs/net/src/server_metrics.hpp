#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "admission.hpp"
#include "base/time.hpp"

namespace p2p::net {

/// Why a connection was ended by us.
enum class CutOff : std::uint8_t {
  kRequestTimeout,  ///< no whole request in time
  kIdle,
  kStalled,         ///< took no byte of what we sent
  kUnfinished,      ///< a WebSocket message that did not end
  kSlowReader,      ///< more bytes queued than allowed
  kMemory,          ///< more bytes queued for all together than allowed
  kCrowdedOut,      ///< had sent no request yet when too many such were open
  kHandshake,       ///< no TLS
};
inline constexpr std::size_t kCutOffs = 8;
[[nodiscard]] std::string_view to_text(CutOff why);

/// Who was not let in, besides Limit's.
enum class TurnedAway : std::uint8_t { kServerFull, kOrigin, kDraining };
inline constexpr std::size_t kTurnedAway = 3;
[[nodiscard]] std::string_view to_text(TurnedAway why);

/// Events of docs/signaling.md, in the order of kEventNames.
inline constexpr std::array<std::string_view, 13> kEventNames{"signal",        "report",       "candidates", "stream:join",   "stream:create",   "ice:servers",
                                                              "stream:update", "stream:leave", "stream:end", "streams:watch", "streams:unwatch", "mesh:sample",
                                                              "stream:thumbnail"};
/// Error codes of docs/signaling.md.
inline constexpr std::array<std::string_view, 11> kErrorCodes{"bad-request",     "unknown-event", "no-such-stream", "no-such-peer", "not-a-member", "not-the-source",
                                                              "already-a-member", "bad-signature", "rate-limited",   "full",         "internal"};

/// How late the event loop was: seconds, up to each bound.
inline constexpr std::array<double, 9> kLagBounds{0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.1, 0.5, 2};

/// What a server counts as it goes, as plain numbers: everything runs on one thread. metrics_page.hpp shows them.
struct ServerMetrics {
  std::uint64_t sockets_accepted = 0;
  std::size_t sockets_open = 0;
  std::size_t sockets_silent = 0;  ///< of these, without a request yet
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;
  std::size_t queued_bytes = 0;  ///< for slow readers and polls, now
  std::array<std::uint64_t, 6> responses{};  ///< by hundreds of the status
  std::array<std::size_t, 2> sessions{};     ///< now; by socketio::Transport
  std::uint64_t sessions_opened = 0;
  std::array<std::uint64_t, 6> sessions_ended{};  ///< by SessionEnd
  std::array<std::uint64_t, kEventNames.size() + 1> events{};  ///< by name; the last: unknown ones
  std::array<std::uint64_t, kErrorCodes.size()> errors{};
  std::array<std::uint64_t, kLimits> limited{};
  std::array<std::uint64_t, kCutOffs> cut_off{};
  std::array<std::uint64_t, kTurnedAway> turned_away{};
  std::array<std::uint64_t, kLagBounds.size() + 1> lag{};  ///< the last: beyond all bounds
  double lag_seconds = 0;

  void count_event(std::string_view name);
  void count_error(std::string_view code);
  void count_lag(Duration late);
  void count(Limit limit) { ++limited[static_cast<std::size_t>(limit)]; }
  void count(CutOff why) { ++cut_off[static_cast<std::size_t>(why)]; }
  void count(TurnedAway why) { ++turned_away[static_cast<std::size_t>(why)]; }
  void count_response(int status) { ++responses[static_cast<std::size_t>(status) / 100 % responses.size()]; }
};

}  // namespace p2p::net
