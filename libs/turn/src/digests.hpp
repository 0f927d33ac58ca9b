#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

/// What STUN and TURN compute, with OpenSSL. MD5 and SHA-1 are what the protocols say and what all clients speak; both are used with keys
/// that are no person's password, for a few hours.
namespace p2p::turn {

using Sha1Digest = std::array<std::byte, 20>;
[[nodiscard]] Sha1Digest hmac_sha1(BytesView key, BytesView bytes);

using Md5Digest = std::array<std::byte, 16>;
[[nodiscard]] Md5Digest md5(std::string_view text);

/// In a time that does not depend on where they differ.
[[nodiscard]] bool equal_in_constant_time(BytesView a, BytesView b);

[[nodiscard]] std::string to_base64(BytesView bytes);
/// Nothing when the length is no multiple of four or a character is none of base64's. For bytes in threes, which need no filling.
[[nodiscard]] std::optional<Bytes> from_base64(std::string_view text);

}  // namespace p2p::turn
