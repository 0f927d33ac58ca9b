#pragma once

#include <string>

#include "p2p-core/stats.hpp"

namespace p2p::app {

/// Writes the figures as JSON, whole or not at all: a reader never sees half a file.
bool write_stats(const std::string& path, const mesh::EngineStats& stats);

}  // namespace p2p::app
