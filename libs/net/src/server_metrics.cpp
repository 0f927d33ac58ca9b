#include "server_metrics.hpp"

#include <algorithm>

namespace p2p::net {

std::string_view to_text(CutOff why) {
  switch (why) {
    case CutOff::kRequestTimeout:
      return "request-timeout";
    case CutOff::kIdle:
      return "idle";
    case CutOff::kStalled:
      return "stalled";
    case CutOff::kUnfinished:
      return "unfinished-message";
    case CutOff::kSlowReader:
      return "slow-reader";
    case CutOff::kMemory:
      return "memory";
    case CutOff::kCrowdedOut:
      return "crowded-out";
    case CutOff::kHandshake:
      return "tls-handshake";
  }
  return "unknown";
}

std::string_view to_text(TurnedAway why) {
  switch (why) {
    case TurnedAway::kServerFull:
      return "server-full";
    case TurnedAway::kOrigin:
      return "origin";
    case TurnedAway::kDraining:
      return "draining";
  }
  return "unknown";
}

void ServerMetrics::count_event(std::string_view name) {
  ++events[static_cast<std::size_t>(std::ranges::find(kEventNames, name) - kEventNames.begin())];
}

void ServerMetrics::count_error(std::string_view code) {
  const auto found = std::ranges::find(kErrorCodes, code);
  if (found != kErrorCodes.end()) ++errors[static_cast<std::size_t>(found - kErrorCodes.begin())];
}

void ServerMetrics::count_lag(Duration late) {
  const double seconds = std::max(0.0, std::chrono::duration<double>{late}.count());
  ++lag[static_cast<std::size_t>(std::ranges::lower_bound(kLagBounds, seconds) - kLagBounds.begin())];
  lag_seconds += seconds;
}

}  // namespace p2p::net
