#pragma once

#include <cstdint>

#include "base/ring.hpp"
#include "p2p-core/types.hpp"

namespace p2p::mesh {

/// Which pieces somebody holds: a bitmap over a sliding window of piece numbers.
///
/// Always holds: at most kSpanMax numbers lie in the window; a number before it is not in the set. Marking one far ahead moves the
/// window, so a liar who names a distant piece only forgets its own past.
class PieceSet {
 public:
  static constexpr std::uint32_t kSpanMax = 16'384;

  [[nodiscard]] bool has(PieceNumber piece) const;
  void add(PieceNumber piece);
  void remove(PieceNumber piece);
  void drop_before(PieceNumber piece);
  void clear();

  /// One past the highest number ever added; 0 when none was.
  [[nodiscard]] PieceNumber end() const { return end_; }

 private:
  PieceNumber base_ = 0;  // a multiple of 64
  PieceNumber end_ = 0;
  Ring<std::uint64_t> words_;
};

}  // namespace p2p::mesh
