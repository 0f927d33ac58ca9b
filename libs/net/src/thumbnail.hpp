#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "directory/messages.hpp"
#include "http.hpp"

/// Small pictures of streams, from their sources to whoever looks at the list. Both ends are strangers to each other: what is served is one of two
/// formats of pictures by its first bytes, and is named so.
namespace p2p::net {

inline constexpr std::size_t kThumbnailBytesMax = 24 * 1024;
inline constexpr std::string_view kThumbnailField = "image";

/// The payload of `stream:thumbnail` and its attachments. `taken_at` is the caller's to say.
[[nodiscard]] Result<directory::Thumbnail> read_thumbnail(std::string_view json, std::span<const std::string> attachments);

/// The stream whose thumbnail a path asks for; empty for any other path.
[[nodiscard]] std::string_view stream_of_thumbnail_path(std::string_view path);

/// The picture; without one 404.
[[nodiscard]] HttpResponse thumbnail_response(const HttpRequest& request, const directory::Thumbnail* thumbnail);

}  // namespace p2p::net
