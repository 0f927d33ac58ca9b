#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

/// Credentials that end by themselves and need no list of who has them: "A REST API for Access to TURN Services"
/// (draft-uberti-behave-turn-rest-00). The user name is `expiry:id`, `expiry` in seconds since 1970, and the password
/// base64(HMAC-SHA1(secret, user name)). Whoever has the secret can check them: the relay of this library, and coturn with `use-auth-secret`.
namespace p2p::turn {

struct Credentials {
  std::string username;
  std::string password;
};

/// `id` is seen by the relay and on the way to it, so it must be no secret.
[[nodiscard]] Credentials make_credentials(std::string_view secret, std::string_view id, WallTime expires);

[[nodiscard]] std::string password_of(std::string_view secret, std::string_view username);

/// MD5(username ":" realm ":" password), with which messages are made (RFC 8489, 9.2.2).
using IntegrityKey = std::array<std::byte, 16>;
[[nodiscard]] IntegrityKey integrity_key(std::string_view username, std::string_view realm, std::string_view password);

struct Username {
  std::int64_t expires_s = 0;   ///< since 1970
  std::string_view id;          ///< a view into what was parsed
};
[[nodiscard]] std::optional<Username> parse_username(std::string_view text);

}  // namespace p2p::turn
