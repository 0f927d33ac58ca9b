#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace p2p {

/// A running 64-bit digest of what an engine did: two runs that agree on it took the same decisions. For comparing runs only, against
/// chance and not against anybody who looks for two inputs with one digest; content is verified with SHA-256 by the driver.
///
/// Eight bytes a step: an engine mixes in every message, and byte by byte (FNV-1a) that was a twentieth of a simulation.
class RunningDigest {
 public:
  void mix(std::uint64_t value) {
    // A multiplication carries upwards only; the shift brings the top down again (as in MurmurHash3's finalizer, whose factor it is).
    value_ = (value_ ^ value) * 0xff51afd7ed558ccd;
    value_ ^= value_ >> 33;
  }
  void mix(BytesView bytes);
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace p2p
