#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "client_json.hpp"
#include "ice_servers_json.hpp"
#include "signaling_json.hpp"
#include "thumbnail.hpp"
#include "socketio/json_text.hpp"

/// Every parser of the signaling messages, both sides; what a signal becomes must be JSON within the limits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2p::net;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto signal = parse_signal(text)) CHECK(p2p::socketio::is_json(signal->data) && signal->data.size() < 128 * 1024, "a signal that is no JSON");
  if (const auto details = parse_update(text)) {
    CHECK(!details->title || (!details->title->empty() && details->title->size() <= 480), "a title out of its bounds");
    CHECK(!details->tags || details->tags->size() <= 8, "too many tags");
    const p2p::directory::StreamInfo stream{.details = std::make_shared<const p2p::directory::StreamDetails>(details->applied_to({.title = "t"}))};
    CHECK(p2p::socketio::is_json(to_json(stream)), "a stream that is no JSON");
  }
  if (const auto filter = parse_watch(text)) CHECK(filter->limit >= 1 && filter->limit <= 500, "a list out of its bounds");
  if (const auto report = parse_report(text)) CHECK(report->neighbors.size() <= 32, "too many neighbors");
  if (const auto ice = parse_ice_servers(text)) CHECK(p2p::socketio::is_json(to_json(*ice)), "ICE servers that are no JSON");
  if (const auto thumbnail = read_thumbnail(text, std::array{std::string{text}})) CHECK(thumbnail->bytes.size() <= kThumbnailBytesMax, "a thumbnail out of its bounds");
  if (const auto thumbnail = read_thumbnail(R"({"image":{"_placeholder":true,"num":0}})", std::array{std::string{text}})) {
    CHECK(thumbnail->bytes.size() <= kThumbnailBytesMax, "a thumbnail out of its bounds");
  }
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
