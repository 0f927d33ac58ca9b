#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "json_fields.hpp"
#include "signal_text.hpp"
#include "socketio/json_text.hpp"

/// A signal that is read where it lies is the one that a whole JSON parser sees, and what becomes of it is JSON with the same strings.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2p;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto signal = net::read_plain_signal(text);
  if (!signal) return 0;
  CHECK(socketio::is_json(signal->data) && signal->data.size() < 2 * net::kSdpBytesMax, "a signal that is no JSON, or too long");
  net::JsonDocument whole;
  net::JsonDocument written;
  const boost::json::value* value = whole.parse(text);
  // It knows what is not UTF-8, and unknown fields deeper than it goes; neither makes a signal another one.
  if (value == nullptr) return 0;
  net::JsonFields outer{value};
  net::JsonFields before{outer.value("data")};
  net::JsonFields after{written.parse(signal->data)};
  for (const std::string_view name : {"type", "sdp", "candidate", "mid", "reason"}) {
    if (!after.has(name)) continue;
    CHECK(before.text(name, net::kSdpBytesMax) == after.text(name, net::kSdpBytesMax), "a field that changed on its way");
  }
  CHECK(before.number("association", net::kAssociationMax) == after.number("association", net::kAssociationMax), "another association");
  CHECK(!after.error(), "a field that is not what it must be");
  return 0;
}
