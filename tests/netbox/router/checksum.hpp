#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace p2p::netbox {

/// The Internet checksum (RFC 1071) over `bytes`; `partial` is the sum of a pseudo header, or 0.
[[nodiscard]] std::uint16_t internet_checksum(BytesView bytes, std::uint32_t partial = 0);

/// What `checksum` becomes when a 16-bit word that it covers changes (RFC 1624, equation 3).
[[nodiscard]] std::uint16_t adjusted_checksum(std::uint16_t checksum, std::uint16_t before, std::uint16_t after);

}  // namespace p2p::netbox
