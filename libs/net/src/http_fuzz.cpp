#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "http.hpp"

/// Requests in pieces (the first byte says how large), and the same bytes as a server's answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2p::net;
  if (size == 0) return 0;
  const std::string_view wire{reinterpret_cast<const char*>(data + 1), size - 1};
  const std::size_t step = 1 + data[0];
  HttpRequestReader reader{{.head_bytes_max = 512, .body_bytes_max = 512}};
  for (std::size_t at = 0; at < wire.size(); at += step) {
    auto state = reader.put(wire.substr(at, step));
    while (state == HttpRequestReader::State::kDone) {
      const HttpRequest request = reader.take();
      CHECK(request.body.size() <= 512, "a body above the limit");
      (void)request.parameter("sid");
      (void)request.lists("Upgrade", "websocket");
      state = reader.put({});
    }
    if (state == HttpRequestReader::State::kFailed) break;
  }
  HttpAnswerHead head;
  (void)parse_answer_head(wire, head);
  return 0;
}
