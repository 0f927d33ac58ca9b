#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "client_json.hpp"
#include "ice_servers_json.hpp"
#include "signaling_json.hpp"
#include "socketio/json_text.hpp"

/// Every parser of the signaling messages, both sides; what a signal becomes must be JSON within the limits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2p::net;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto signal = parse_signal(text)) CHECK(p2p::socketio::is_json(signal->data) && signal->data.size() < 128 * 1024, "a signal that is no JSON");
  if (const auto title = parse_update(text)) CHECK(!title->empty() && title->size() <= 480, "a title out of its bounds");
  if (const auto report = parse_report(text)) CHECK(report->neighbors.size() <= 32, "too many neighbors");
  if (const auto ice = parse_ice_servers(text)) CHECK(p2p::socketio::is_json(to_json(*ice)), "ICE servers that are no JSON");
  (void)parse_create(text);
  (void)parse_join(text);
  (void)parse_candidates(text);
  (void)refusal_in(text);
  (void)parse_hello(text);
  (void)parse_created(text);
  (void)parse_joined(text, "0123456789abcdef0123");
  (void)parse_candidate_list(text);
  (void)parse_signal_from(text);
  (void)parse_standing(text);
  (void)parse_source_news(text);
  (void)parse_end_reason(text);
  return 0;
}
