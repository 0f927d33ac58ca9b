#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "trace.hpp"

namespace p2p::bench {

/// What it took an engine to do its work again.
struct Cost {
  std::uint64_t pieces = 0;          ///< verified and passed on, after the warm-up
  std::int64_t cpu_ns = 0;           ///< of this thread, for these
  std::size_t bytes_held = 0;        ///< by the engine at the end, the pieces in its window included
};

/// Answers about hashes and signatures in the order of the questions: with them the engine can be measured alone.
struct Answers {
  std::vector<mesh::PieceDigest> digests;
  std::vector<bool> valid;
};

/// Tells a new engine all of the trace, as the native driver would. With no `known` answers hashes and signatures are computed, and noted
/// in `noted` if given. Stops the process when the engine does other work than it did when the trace was recorded.
Cost replay(const Trace& trace, const Answers* known, Answers* noted);

}  // namespace p2p::bench
