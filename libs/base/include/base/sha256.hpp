#pragma once

#include <array>
#include <cstddef>

#include "base/bytes.hpp"

namespace p2p {

/// SHA-256 (FIPS 180-4), for what an engine has to name at once: chat messages and their authors. Pieces, thousands of times as many bytes,
/// are hashed by the driver, whose library uses the processor's own instructions.
[[nodiscard]] std::array<std::byte, 32> sha256(BytesView bytes);

}  // namespace p2p
