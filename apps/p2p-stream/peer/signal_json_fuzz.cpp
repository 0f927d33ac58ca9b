#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "peer/signal_json.hpp"

/// What another peer says through the server: within its limits, and written again it reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2p;
  const auto signal = app::parse_signal({reinterpret_cast<const char*>(data), size});
  if (!signal) return 0;
  if (const auto* offer = std::get_if<transport::SignalOffer>(&*signal)) CHECK(offer->sdp.size() <= transport::kSdpBytesMax, "a description above its bound");
  const auto again = app::parse_signal(app::to_json(*signal));
  CHECK(again && app::to_json(*again) == app::to_json(*signal), "a signal does not survive the round trip");
  return 0;
}
