#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "base/payload.hpp"
#include "base/time.hpp"
#include "p2p-core/types.hpp"
#include "wire/fragment.hpp"

namespace p2p::mesh {

/// Puts a neighbor's fragments together into pieces. One for each link: a neighbor can only spoil what it sends itself.
///
/// Always holds: at most kPiecesMax pieces are begun; one more pushes out the oldest. Fragments come whole and at most once a
/// place from an honest sender; an overlap or another size starts the piece anew.
class Reassembly {
 public:
  static constexpr std::size_t kPiecesMax = 64;

  struct Whole {
    PieceNumber piece = 0;
    Payload bytes;
    bool requested = false;
    std::uint16_t age_ms = 0;   ///< of its first fragment
  };

  /// The piece, once its last byte is there. `body` holds the fragment's bytes.
  [[nodiscard]] std::optional<Whole> add(const wire::Fragment& fragment, const Payload& body);

  void check_invariants() const;

 private:
  struct Begun {
    Bytes bytes;
    std::uint32_t received = 0;
    std::uint32_t places = 0;      // a bit for each fragment-sized place that was filled
    std::uint64_t order = 0;
    std::uint16_t age_ms = 0;
    bool requested = false;
  };

  std::map<PieceNumber, Begun> begun_;
  std::uint64_t next_order_ = 0;
};

}  // namespace p2p::mesh
