#pragma once

#include <cstdint>
#include <optional>

#include "base/payload.hpp"
#include "base/ring.hpp"
#include "base/time.hpp"
#include "p2p-core/types.hpp"

namespace p2p::mesh {

/// The verified pieces that this peer holds for its player and its neighbors.
///
/// Always holds: only verified pieces enter; bytes() is the sum over what is held; nothing before oldest() is held. The bound is the
/// manifest's window: the engine drops what has left it, and no piece exists without a manifest entry.
class PieceStore {
 public:
  struct Held {
    Payload bytes;
    Instant since{};     ///< when it was verified here
    Duration age{};      ///< at `since`: how long after its making
  };

  /// False when it is here already or has left the window.
  bool put(PieceNumber piece, Held held);
  [[nodiscard]] const Held* find(PieceNumber piece) const;
  [[nodiscard]] bool has(PieceNumber piece) const { return find(piece) != nullptr; }
  void drop_before(PieceNumber piece);

  [[nodiscard]] PieceNumber oldest() const { return base_; }
  [[nodiscard]] PieceNumber end() const { return base_ + static_cast<PieceNumber>(slots_.size()); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  void check_invariants() const;

 private:
  PieceNumber base_ = 0;
  Ring<std::optional<Held>> slots_;
  std::size_t bytes_ = 0;
  PieceNumber base_dropped_to_ = 0;
  bool anchored_ = false;  // base_ is meaningful: a viewer's first piece may be number one million
};

}  // namespace p2p::mesh
