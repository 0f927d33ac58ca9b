#pragma once

#include <span>

#include "net/static_asset.hpp"

namespace p2p {

/// The web application as it was when this program was built.
[[nodiscard]] std::span<const net::StaticAsset> embedded_assets();

}  // namespace p2p
