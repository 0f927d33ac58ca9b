#include "turn/credentials.hpp"

#include <array>
#include <charconv>

#include "base/bytes.hpp"
#include "digests.hpp"

namespace p2p::turn {

Credentials make_credentials(std::string_view secret, std::string_view id, WallTime expires) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(expires.time_since_epoch()).count();
  std::string username = std::to_string(seconds) + ":" + std::string{id};
  std::string password = password_of(secret, username);
  return {.username = std::move(username), .password = std::move(password)};
}

std::string password_of(std::string_view secret, std::string_view username) { return to_base64(hmac_sha1(as_bytes(secret), as_bytes(username))); }

IntegrityKey integrity_key(std::string_view username, std::string_view realm, std::string_view password) {
  std::string text;
  text.append(username).append(":").append(realm).append(":").append(password);
  return md5(text);
}

std::optional<Username> parse_username(std::string_view text) {
  Username name;
  const char* end = text.data() + text.size();
  const auto [colon, error] = std::from_chars(text.data(), end, name.expires_s);
  if (error != std::errc{} || colon == end || *colon != ':' || name.expires_s < 0) return std::nullopt;
  name.id = text.substr(static_cast<std::size_t>(colon - text.data()) + 1);
  if (name.id.empty()) return std::nullopt;
  return name;
}

}  // namespace p2p::turn
