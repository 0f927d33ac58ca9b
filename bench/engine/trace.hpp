#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "p2p-core/engine.hpp"

namespace p2p::bench {

/// All that one engine was told, so that another, or the same one in WebAssembly, can be told it again and does the same work. Answers
/// about hashes and signatures are not in it: whoever replays gives them.
struct Trace {
  struct Fact {
    Instant at{};
    mesh::Input input;
  };

  mesh::Engine::Options options;
  mesh::PublicKey key{};                 ///< the source's
  Instant measured_from{};               ///< what comes before is warm-up
  std::uint64_t pieces = 0;              ///< verified from then on
  std::uint64_t sent_bytes = 0;          ///< from then on, headers included
  std::uint64_t piece_bytes_held = 0;    ///< at the end: those of the stream's last `options.window`
  std::vector<Fact> facts;
};

/// The file is little endian and fixed; replay.ts is its other reader, both change together. A header: options (seed 8, upload 8,
/// patience in us 8, connections 8), key 32, measured_from in us 8, pieces 8, sent_bytes 8, piece_bytes_held 8. Then facts: kind 1,
/// flag 1, at in us 8, peer 8, other 8, size 4, `size` bytes.
[[nodiscard]] Result<void> write(const Trace& trace, const std::string& file);
[[nodiscard]] Result<Trace> read_trace(const std::string& file);

}  // namespace p2p::bench
