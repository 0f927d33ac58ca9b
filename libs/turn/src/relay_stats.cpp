#include "turn/relay_stats.hpp"

namespace p2p::turn {

std::string_view to_text(AllocationRefusal why) {
  switch (why) {
    case AllocationRefusal::kCredentialEnded:
      return "credential-ended";
    case AllocationRefusal::kPeerQuota:
      return "peer-quota";
    case AllocationRefusal::kQuota:
      return "quota";
    case AllocationRefusal::kNoPort:
      return "no-port";
    case AllocationRefusal::kUnsupported:
      return "unsupported";
  }
  return "unknown";
}

std::string_view to_text(AuthenticationFailure why) {
  switch (why) {
    case AuthenticationFailure::kCredential:
      return "credential";
    case AuthenticationFailure::kStaleNonce:
      return "stale-nonce";
  }
  return "unknown";
}

std::string_view to_text(RelayedWay way) {
  switch (way) {
    case RelayedWay::kToPeer:
      return "to-peer";
    case RelayedWay::kToClient:
      return "to-client";
    case RelayedWay::kBetweenClients:
      return "between-clients";
  }
  return "unknown";
}

std::string_view to_text(Unanswered why) {
  switch (why) {
    case Unanswered::kNetwork:
      return "network";
    case Unanswered::kAll:
      return "all";
  }
  return "unknown";
}

}  // namespace p2p::turn
