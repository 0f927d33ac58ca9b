#include "thumbnail.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/time.hpp"

namespace p2p::net {
namespace {

using namespace std::string_literals;

constexpr std::string_view kJson = R"({"image":{"_placeholder":true,"num":0}})";
const std::string kJpeg = "\xff\xd8\xff\xe0"s + std::string(100, 'x');
const std::string kWebp = "RIFF\x10\0\0\0WEBPVP8 "s;

std::string field(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.fields) {
    if (key == name) return value;
  }
  return {};
}

Result<directory::Thumbnail> read(std::string_view json, const std::vector<std::string>& attachments) { return read_thumbnail(json, attachments); }

TEST(Thumbnail, IsAPictureByItsFirstBytesAndSmall) {
  EXPECT_EQ(read(kJson, {kJpeg})->format, directory::Thumbnail::Format::kJpeg);
  EXPECT_EQ(read(kJson, {kWebp})->format, directory::Thumbnail::Format::kWebp);
  std::string large = kJpeg;
  large.resize(kThumbnailBytesMax);
  EXPECT_TRUE(read(kJson, {large}));
  large.push_back('x');
  EXPECT_FALSE(read(kJson, {large}));
  for (const std::string& other : {""s, "\xff\xd8"s, "GIF89a"s, "<html><script>"s, "<svg xmlns="s, "RIFF\x10\0\0\0WAVE"s}) EXPECT_FALSE(read(kJson, {other})) << other;
}

TEST(Thumbnail, IsTheOneAttachment) {
  EXPECT_FALSE(read(kJson, {}));
  EXPECT_FALSE(read(kJson, {kJpeg, kJpeg}));
  for (const char* json : {"", "{}", "[]", R"({"image":7})", R"({"image":"text"})", R"({"image":{}})", R"({"other":{"_placeholder":true,"num":0}})"}) {
    EXPECT_FALSE(read(json, {kJpeg})) << json;
  }
}

TEST(Thumbnail, HasAPathOfItsStream) {
  EXPECT_EQ(stream_of_thumbnail_path("/api/streams/0123456789abcdef0123/thumbnail"), "0123456789abcdef0123");
  for (const char* path : {"/api/streams", "/api/streams/thumbnail", "/api/streams/x", "/thumbnail", "/api/streams//thumbnail"}) {
    EXPECT_EQ(stream_of_thumbnail_path(path), "") << path;
  }
}

TEST(Thumbnail, IsServedAsAPictureAndNothingElse) {
  const directory::Thumbnail thumbnail{.format = directory::Thumbnail::Format::kJpeg, .bytes = kJpeg, .taken_at = WallTime{1'796'000'012'345ms}};
  HttpRequest request{.method = "GET", .path = "/api/streams/0123456789abcdef0123/thumbnail", .query = "at=1796000012345"};
  const HttpResponse response = thumbnail_response(request, &thumbnail);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, kJpeg);
  EXPECT_EQ(field(response, "Content-Type"), "image/jpeg");
  EXPECT_EQ(field(response, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(field(response, "Cache-Control"), "public, max-age=60");
  EXPECT_EQ(field(response, "ETag"), "\"1796000012345\"");
  request.fields = {{"If-None-Match", "\"1796000012345\""}};
  EXPECT_EQ(thumbnail_response(request, &thumbnail).status, 304);
  request.query.clear();
  EXPECT_EQ(field(thumbnail_response(request, &thumbnail), "Cache-Control"), "no-cache");
  EXPECT_EQ(thumbnail_response(request, nullptr).status, 404);
  request.method = "POST";
  EXPECT_EQ(thumbnail_response(request, &thumbnail).status, 405);
}

}  // namespace
}  // namespace p2p::net
