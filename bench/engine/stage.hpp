#pragma once

#include <cstdint>

#include "trace.hpp"

namespace p2p::bench {

/// A source, one relay and its children in virtual time, 10 ms apart, on lines that lose nothing and never fill: every byte that a child
/// gets comes from the relay. Hashes and signatures are real.
struct StageOptions {
  std::uint32_t children = 8;
  std::int64_t bits_per_s = 3'064'000;
  Duration part = 200ms;
  Duration segment = 2s;
  std::uint32_t key_part_percent = 25;   ///< of its segment
  Duration warm_up = 45s;                ///< until the relay's window is full
  Duration measured = 60s;
};

/// What the relay was told.
[[nodiscard]] Trace record(const StageOptions& options);

}  // namespace p2p::bench
