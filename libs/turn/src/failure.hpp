#pragma once

#include <cstdint>
#include <string_view>

namespace p2p::turn {

/// RFC 8489, 14.8, and RFC 8656, 19.
enum class Failure : std::uint16_t {
  kBadRequest = 400,
  kUnauthorized = 401,
  kForbidden = 403,
  kUnknownAttribute = 420,
  kAllocationMismatch = 437,
  kStaleNonce = 438,
  kFamilyNotSupported = 440,
  kWrongCredentials = 441,
  kTransportNotSupported = 442,
  kFamilyMismatch = 443,
  kQuotaReached = 486,
  kInsufficientCapacity = 508,
};

/// As the RFCs write it.
inline std::string_view reason_of(Failure failure) {
  switch (failure) {
    case Failure::kBadRequest: return "Bad Request";
    case Failure::kUnauthorized: return "Unauthorized";
    case Failure::kForbidden: return "Forbidden";
    case Failure::kUnknownAttribute: return "Unknown Attribute";
    case Failure::kAllocationMismatch: return "Allocation Mismatch";
    case Failure::kStaleNonce: return "Stale Nonce";
    case Failure::kFamilyNotSupported: return "Address Family not Supported";
    case Failure::kWrongCredentials: return "Wrong Credentials";
    case Failure::kTransportNotSupported: return "Unsupported Transport Protocol";
    case Failure::kFamilyMismatch: return "Peer Address Family Mismatch";
    case Failure::kQuotaReached: return "Allocation Quota Reached";
    case Failure::kInsufficientCapacity: return "Insufficient Capacity";
  }
  return "";
}

}  // namespace p2p::turn
