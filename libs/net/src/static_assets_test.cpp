#include "static_assets.hpp"

#include <gtest/gtest.h>

#include <array>

namespace p2p::net {
namespace {

constexpr std::array<StaticAsset, 3> kAssets{{
    {.path = "/index.html", .mime = "text/html; charset=utf-8", .etag = "aa", .identity = "<page>", .brotli = "BR", .gzip = "GZ"},
    {.path = "/watch.html", .mime = "text/html; charset=utf-8", .etag = "cc", .identity = "<watch>"},
    {.path = "/assets/x-12345678.wasm", .mime = "application/wasm", .etag = "bb", .identity = "wasm", .immutable = true},
}};

std::string field(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.fields) {
    if (key == name) return value;
  }
  return {};
}

HttpResponse get(std::string path, std::vector<std::pair<std::string, std::string>> fields = {}, std::string method = "GET") {
  return StaticAssets{kAssets}.answer({.method = std::move(method), .path = std::move(path), .fields = std::move(fields)});
}

TEST(StaticAssets, PagesOfTheApplicationGetTheIndex) {
  for (const char* path : {"/", "/broadcast", "/index.html", "/elsewhere/0123"}) EXPECT_EQ(get(path).lasting_body, "<page>") << path;
  for (const char* path : {"/watch", "/watch/0123456789abcdef0123", "/watch/a/b"}) EXPECT_EQ(get(path).lasting_body, "<watch>") << path;
  EXPECT_EQ(get("/missing.js").status, 404);
  EXPECT_EQ(get("/../etc/passwd.txt").status, 404);
}

TEST(StaticAssets, TheClientChoosesTheCompression) {
  EXPECT_EQ(get("/", {{"Accept-Encoding", "gzip, deflate, br"}}).lasting_body, "BR");
  EXPECT_EQ(get("/", {{"Accept-Encoding", "br;q=0, gzip;q=0.5"}}).lasting_body, "GZ");
  EXPECT_EQ(get("/", {{"Accept-Encoding", "identity"}}).lasting_body, "<page>");
  EXPECT_EQ(get("/assets/x-12345678.wasm", {{"Accept-Encoding", "br"}}).lasting_body, "wasm");
  EXPECT_EQ(field(get("/"), "Vary"), "Accept-Encoding");
}

TEST(StaticAssets, ACopyThatIsCurrentIsNotSentAgain) {
  const HttpResponse first = get("/", {{"Accept-Encoding", "br"}});
  const std::string etag = field(first, "ETag");
  EXPECT_EQ(get("/", {{"Accept-Encoding", "br"}, {"If-None-Match", "\"zz\", W/" + etag}}).status, 304);
  EXPECT_EQ(get("/", {{"If-None-Match", etag}}).status, 200) << "another compression is another copy";
  EXPECT_EQ(field(get("/assets/x-12345678.wasm"), "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(field(first, "Cache-Control"), "no-cache");
}

TEST(StaticAssets, BrowsersAreToldWhatThePagesMayDo) {
  const std::string policy = field(get("/", {{"Host", "example.org:3001"}}), "Content-Security-Policy");
  EXPECT_NE(policy.find("script-src 'self' 'wasm-unsafe-eval';"), std::string::npos);
  EXPECT_NE(policy.find(" ws://example.org:3001 "), std::string::npos);
  EXPECT_EQ(field(get("/", {{"Host", "x; script-src *"}}), "Content-Security-Policy").find("script-src *"), std::string::npos);
  EXPECT_EQ(get("/", {}, "DELETE").status, 405);
  EXPECT_TRUE(get("/", {}, "HEAD").head_only);
}

}  // namespace
}  // namespace p2p::net
