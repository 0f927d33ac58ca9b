#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "base/bytes.hpp"

/// What STUN and TURN compute, with OpenSSL. MD5 and SHA-1 are what the protocols say and what all clients speak; both are used with keys
/// that are no person's password, for a few hours.
namespace p2p::turn {

using Sha1Digest = std::array<std::byte, 20>;
using IntegrityKey = std::array<std::byte, 16>;

[[nodiscard]] Sha1Digest hmac_sha1(BytesView key, BytesView bytes);

/// MD5(username ":" realm ":" password), the key of long-term credentials (RFC 8489, 9.2.2).
[[nodiscard]] IntegrityKey integrity_key(std::string_view username, std::string_view realm, std::string_view password);

/// In a time that does not depend on where they differ.
[[nodiscard]] bool equal_in_constant_time(BytesView a, BytesView b);

[[nodiscard]] std::string to_base64(BytesView bytes);

}  // namespace p2p::turn
