#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ring.hpp"
#include "p2p-core/output.hpp"
#include "p2p-core/types.hpp"
#include "wire/message.hpp"

namespace p2p::mesh {

/// The source's side of integrity: cuts a part into pieces, has them hashed, writes the manifest entry and has it signed.
///
/// Always holds: parts come out sealed in the order in which they went in, however the driver's answers are ordered; at most
/// kPartsMax parts wait (a source whose driver stopped answering drops new parts rather than grow).
class Sealer {
 public:
  static constexpr std::size_t kPartsMax = 64;

  struct Sealed {
    wire::ManifestEntry entry;
    Bytes batch;
    Signature signature{};
    Payload bytes;
    Instant made{};
  };

  /// Pieces are numbered from here on. Before the first part.
  void start_at(PieceNumber piece) { next_piece_ = piece; }
  [[nodiscard]] PieceNumber next_piece() const { return next_piece_; }

  /// Takes a part; writes the questions to the driver to `out`, numbered from `next_request` on. False when too many wait.
  bool add(const Part& part, Instant now, std::uint64_t& next_request, Ring<Output>& out);

  /// Answers; false when the request is not ours.
  bool hashed(const PieceDigest& digest, RequestId request, std::uint64_t& next_request, Ring<Output>& out);
  bool was_signed(const Signature& signature, RequestId request);

  /// The next sealed part, in order.
  [[nodiscard]] std::optional<Sealed> take();

 private:
  struct Waiting {
    Sealed sealed;
    std::uint64_t first_request = 0;   // pieces ask first_request + i
    std::size_t digests_missing = 0;
    std::optional<RequestId> signing;
    bool done = false;
  };

  Ring<Waiting> waiting_;
  PieceNumber next_piece_ = 0;
};

}  // namespace p2p::mesh
