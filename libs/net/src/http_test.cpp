#include "http.hpp"

#include <gtest/gtest.h>

#include "net/server_address.hpp"

namespace p2p::net {
namespace {

using State = HttpRequestReader::State;

TEST(HttpRequestReader, ReadsRequestsHoweverTheyAreCut) {
  const std::string wire = "POST /a?x=1&yy=2 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET /b HTTP/1.0\r\nAccept-Encoding: br, gzip\r\n\r\n";
  for (const std::size_t step : {1u, 7u, 1'000u}) {
    HttpRequestReader reader{{}};
    std::vector<HttpRequest> requests;
    for (std::size_t at = 0; at < wire.size(); at += step) {
      State state = reader.put(std::string_view{wire}.substr(at, step));
      while (state == State::kDone) {
        requests.push_back(reader.take());
        state = reader.put({});
      }
      ASSERT_EQ(state, State::kNeedMore);
    }
    ASSERT_EQ(requests.size(), 2u);
    EXPECT_EQ(requests[0].body, "hello");
    EXPECT_EQ(requests[0].path, "/a");
    EXPECT_EQ(requests[0].parameter("yy"), "2");
    EXPECT_FALSE(requests[0].parameter("y"));
    EXPECT_TRUE(requests[0].keep_alive);
    EXPECT_TRUE(requests[1].lists("accept-encoding", "GZIP"));
    EXPECT_FALSE(requests[1].keep_alive);
    EXPECT_TRUE(reader.idle());
  }
}

TEST(HttpRequestReader, RefusesWhatIsTooLargeOrNoHttp) {
  const auto status = [](const std::string& wire) {
    HttpRequestReader reader{{.head_bytes_max = 1'000, .body_bytes_max = 1'000}};
    return reader.put(wire) == State::kFailed ? reader.failure_status() : 0;
  };
  EXPECT_EQ(status("GET / HTTP/1.1\r\nX: " + std::string(2'000, 'x') + "\r\n\r\n"), 431);
  EXPECT_EQ(status("POST / HTTP/1.1\r\nContent-Length: 2000\r\n\r\n"), 413);
  EXPECT_EQ(status("\x16\x03\x01\x02\x01\x01\r\n\r\n"), 400);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(ServerAddress, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(parse_server_address("localhost")->origin(), "http://localhost:3001");
  EXPECT_EQ(parse_server_address("http://example.org")->origin(), "http://example.org");
  EXPECT_EQ(parse_server_address("https://example.org:443/watch/ab?x")->path, "/watch/ab");
  EXPECT_EQ(parse_server_address("wss://example.org")->origin(), "https://example.org");
  EXPECT_EQ(parse_server_address("http://[::1]:8080/")->origin(), "http://[::1]:8080");
  for (const char* bad : {"", "http://", "ftp://x", "http://x:0", "http://x:99999", "http://x:", "http://x y", "http://[::1", "http://a@b"}) {
    EXPECT_FALSE(parse_server_address(bad)) << bad;
  }
}

}  // namespace
}  // namespace p2p::net
