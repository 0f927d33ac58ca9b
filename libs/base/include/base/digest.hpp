#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace p2p {

/// A running 64-bit digest (FNV-1a) of what an engine did: two runs that agree on it took the same decisions. For comparing
/// runs only; content is verified with SHA-256 by the driver.
class RunningDigest {
 public:
  void mix(std::uint64_t value);
  void mix(BytesView bytes);
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace p2p
