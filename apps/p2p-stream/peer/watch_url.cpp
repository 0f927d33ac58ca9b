#include "peer/watch_url.hpp"

#include <algorithm>

#include "base/hex.hpp"

namespace p2p::app {
namespace {

constexpr std::string_view kExample = "http://localhost:3001/watch/0123456789abcdef0123";

std::string quoted(std::string_view text) {
  std::string printable{text.substr(0, 200)};
  std::ranges::replace_if(printable, [](char c) { return c < ' ' || c == 0x7f; }, '?');
  return "'" + printable + "'";
}

// The length of "http://host:port", or nothing.
std::size_t origin_length(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!url.starts_with(scheme)) continue;
    const std::size_t end = std::min(url.find_first_of("/?#", scheme.size()), url.size());
    return end > scheme.size() ? end : 0;
  }
  return 0;
}

}  // namespace

Result<std::string> parse_server_url(std::string_view url) {
  const std::size_t length = origin_length(url);
  if (length == 0) return fail(quoted(url) + " is no server address. Give one such as http://localhost:3001.");
  const std::string_view rest = url.substr(length);
  if (!rest.empty() && rest != "/") {
    return fail(quoted(url) + " has more than a server address. Give only its beginning: " + std::string{url.substr(0, length)} + ".");
  }
  return std::string{url.substr(0, length)};
}

Result<WatchUrl> parse_watch_url(std::string_view url) {
  const std::size_t length = origin_length(url);
  if (length == 0) return fail(quoted(url) + " is no watch address. It looks like " + std::string{kExample} + ".");
  constexpr std::string_view kPath = "/watch/";
  std::string_view rest = url.substr(length);
  rest = rest.substr(0, rest.find_first_of("?#"));
  if (rest.ends_with('/')) rest.remove_suffix(1);
  WatchUrl parsed{.server = std::string{url.substr(0, length)}};
  const auto id = rest.starts_with(kPath) ? from_hex(rest.substr(kPath.size())) : std::nullopt;
  if (!id || id->size() != parsed.stream.size()) {
    return fail(quoted(url) + " names no stream. A watch address ends in /watch/ and 20 hex digits, such as " + std::string{kExample} + ".");
  }
  std::ranges::copy(*id, parsed.stream.begin());
  return parsed;
}

std::string watch_url_of(std::string_view server, const mesh::StreamId& stream) {
  return std::string{server} + "/watch/" + to_hex(stream);
}

}  // namespace p2p::app
