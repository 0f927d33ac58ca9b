#include "remote_sdp.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.hpp"

// The first byte chooses what the rest is; what is accepted must come out again in a form that is accepted.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2p::transport;
  if (size == 0) return 0;
  const std::string text{reinterpret_cast<const char*>(data) + 1, size - 1};
  if (data[0] % 3 == 0) {
    const auto candidate = parse_remote_candidate(text, "0");
    if (candidate) CHECK(candidate->isResolved(), "a candidate without an address got through");
    return 0;
  }
  const auto type = data[0] % 3 == 1 ? rtc::Description::Type::Offer : rtc::Description::Type::Answer;
  const auto description = parse_remote_sdp(text, type);
  if (!description) return 0;
  for (const rtc::Candidate& candidate : description->candidates()) {
    CHECK(candidate.isResolved(), "a candidate without an address got through");
  }
  (void)description->generateApplicationSdp();
  return 0;
}
