#include "thumbnail.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/time.hpp"
#include "json_fields.hpp"
#include "static_assets.hpp"

namespace p2p::net {
namespace {

using Format = directory::Thumbnail::Format;

constexpr std::string_view kPathHead = "/api/streams/";
constexpr std::string_view kPathTail = "/thumbnail";

/// By the first bytes: JPEG (ITU-T T.81, B.1.1.3: SOI and the next marker), WebP (RFC 9649, section 2.4).
std::optional<Format> format_of(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\xff\xd8\xff"sv)) return Format::kJpeg;
  if (bytes.size() >= 12 && bytes.starts_with("RIFF"sv) && bytes.substr(8, 4) == "WEBP"sv) return Format::kWebp;
  return std::nullopt;
}

}  // namespace

Result<directory::Thumbnail> read_thumbnail(std::string_view json, std::span<const std::string> attachments) {
  JsonDocument document;
  JsonFields fields{document.parse(json)};
  const boost::json::value* image = fields.value(kThumbnailField);
  const boost::json::object* place = image == nullptr ? nullptr : image->if_object();
  // That the placeholder is one, the layer below has seen to.
  if (fields.error() || place == nullptr || !place->contains("_placeholder") || attachments.size() != 1) return fail("\"image\" must be bytes");
  const std::string& bytes = attachments.front();
  if (bytes.size() > kThumbnailBytesMax) return fail(fmt::format("\"image\" may have {} bytes at most", kThumbnailBytesMax));
  const std::optional<Format> format = format_of(bytes);
  if (!format) return fail("\"image\" must be a JPEG or WebP picture");
  return directory::Thumbnail{.format = *format, .bytes = bytes};
}

std::string_view stream_of_thumbnail_path(std::string_view path) {
  if (!path.starts_with(kPathHead) || !path.ends_with(kPathTail) || path.size() < kPathHead.size() + kPathTail.size()) return {};
  return path.substr(kPathHead.size(), path.size() - kPathHead.size() - kPathTail.size());
}

HttpResponse thumbnail_response(const HttpRequest& request, const directory::Thumbnail* thumbnail) {
  HttpResponse response{.keep_alive = request.keep_alive, .head_only = request.method == "HEAD"};
  // Nothing in it is run, whatever a browser takes it for.
  response.fields = {{"X-Content-Type-Options", "nosniff"}, {"Content-Security-Policy", "default-src 'none'; sandbox"}, {"Content-Disposition", "inline"}};
  if (request.method != "GET" && request.method != "HEAD") {
    response.status = 405;
    response.fields.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  if (thumbnail == nullptr) {
    response.status = 404;
    response.fields.emplace_back("Cache-Control", "no-store");
    return response;
  }
  const std::string etag = fmt::format("\"{}\"", thumbnail->taken_at.time_since_epoch() / 1ms);
  response.fields.emplace_back("Content-Type", thumbnail->format == Format::kJpeg ? "image/jpeg" : "image/webp");
  response.fields.emplace_back("ETag", etag);
  // A client names the picture that it wants (?at=): that one never changes. Without a name it is asked for again.
  response.fields.emplace_back("Cache-Control", request.query.empty() ? "no-cache" : "public, max-age=60");
  if (etag_matches(request.field("If-None-Match"), etag)) {
    response.status = 304;
    response.head_only = true;
  }
  response.body = thumbnail->bytes;
  return response;
}

}  // namespace p2p::net
