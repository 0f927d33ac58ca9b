#pragma once

#include <optional>
#include <string>

#include <rtc/candidate.hpp>
#include <rtc/description.hpp>

#include "base/error.hpp"

namespace p2p::transport {

/// What a remote peer wrote, parsed once and bounded. Candidates with a host name instead of an address are left out, in the SDP
/// too: looking a name up would let a stranger make us ask DNS for anything, and each look-up takes a thread.
[[nodiscard]] Result<rtc::Description> parse_remote_sdp(const std::string& sdp, rtc::Description::Type type);

/// Nothing for the end-of-candidates mark, host names and whatever is no candidate.
[[nodiscard]] std::optional<rtc::Candidate> parse_remote_candidate(const std::string& candidate, const std::string& mid);

inline constexpr std::size_t kRemoteCandidatesMax = 64;   // browsers send fewer than ten

}  // namespace p2p::transport
