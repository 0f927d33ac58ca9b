#pragma once

#include <string>

#include "p2p-core/stats.hpp"

namespace p2p::abi {

/// What an engine says of itself, as packages/p2p-client/src/engine/engine.ts has it.
[[nodiscard]] std::string stats_text(const mesh::EngineStats& stats);

}  // namespace p2p::abi
