#include "remote_sdp.hpp"

#include <exception>

#include "transport/signal.hpp"

namespace p2p::transport {

Result<rtc::Description> parse_remote_sdp(const std::string& sdp, rtc::Description::Type type) {
  if (sdp.size() > kSdpBytesMax) return fail("its session description is longer than 16 KiB");
  try {
    rtc::Description description{sdp, type};
    if (!description.iceUfrag() || !description.icePwd() || !description.fingerprint() || !description.hasApplication()) {
      return fail("its session description lacks what a data channel needs");
    }
    std::vector<rtc::Candidate> candidates = description.extractCandidates();
    if (candidates.size() > kRemoteCandidatesMax) candidates.resize(kRemoteCandidatesMax);
    for (rtc::Candidate& candidate : candidates) {
      if (candidate.resolve(rtc::Candidate::ResolveMode::Simple)) description.addCandidate(std::move(candidate));
    }
    return description;
  } catch (const std::exception&) {
    return fail("its session description cannot be read");
  }
}

std::optional<rtc::Candidate> parse_remote_candidate(const std::string& candidate, const std::string& mid) {
  if (candidate.empty() || candidate.size() > kCandidateBytesMax || mid.size() > 64) return std::nullopt;
  try {
    rtc::Candidate parsed{candidate, mid};
    if (!parsed.resolve(rtc::Candidate::ResolveMode::Simple)) return std::nullopt;
    return parsed;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace p2p::transport
