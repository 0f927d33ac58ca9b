#include "integrity/sealer.hpp"

#include "base/check.hpp"

namespace p2p::mesh {

bool Sealer::add(const Part& part, Instant now, std::uint64_t& next_request, Ring<Output>& out) {
  CHECK(!part.bytes.empty() && part.bytes.size() <= wire::kPartBytesMax, "the packager made a part outside of the limits");
  if (waiting_.size() >= kPartsMax) return false;
  const std::size_t count = (part.bytes.size() + wire::kPieceBytesMax - 1) / wire::kPieceBytesMax;
  Waiting waiting;
  wire::ManifestEntry& entry = waiting.sealed.entry;
  entry = {.rendition = part.id.rendition.value,
           .segment = part.id.segment,
           .part = part.id.part,
           .independent = part.independent,
           .media_time_us = part.media_time.count(),
           .duration_us = part.duration.count(),
           .captured_us = part.captured.time_since_epoch().count(),
           .size = static_cast<std::uint32_t>(part.bytes.size()),
           .first = next_piece_,
           .digests = {},
           .segments_left = part.segments_left};
  entry.digests.resize(count);
  next_piece_ = entry.end();
  waiting.sealed.bytes = part.bytes.joined();
  waiting.sealed.made = now;
  waiting.first_request = next_request;
  waiting.digests_missing = count;
  for (PieceNumber piece = entry.first; piece < entry.end(); ++piece) {
    out.push_back(HashPiece{RequestId{next_request++}, waiting.sealed.bytes.slice(entry.piece_offset(piece), entry.piece_size(piece))});
  }
  waiting_.push_back(std::move(waiting));
  return true;
}

bool Sealer::hashed(const PieceDigest& digest, RequestId request, std::uint64_t& next_request, Ring<Output>& out) {
  for (Waiting& waiting : waiting_) {
    wire::ManifestEntry& entry = waiting.sealed.entry;
    if (request.value < waiting.first_request || request.value >= waiting.first_request + entry.digests.size()) continue;
    entry.digests[static_cast<std::size_t>(request.value - waiting.first_request)] = digest;
    CHECK(waiting.digests_missing > 0, "the driver answered twice");
    if (--waiting.digests_missing == 0) {
      waiting.sealed.batch = wire::encode(std::vector{entry});
      waiting.signing = RequestId{next_request++};
      out.push_back(Sign{*waiting.signing, wire::signed_manifest(waiting.sealed.batch)});
    }
    return true;
  }
  return false;
}

bool Sealer::was_signed(const Signature& signature, RequestId request) {
  for (Waiting& waiting : waiting_) {
    if (waiting.signing != request) continue;
    waiting.sealed.signature = signature;
    waiting.done = true;
    return true;
  }
  return false;
}

std::optional<Sealer::Sealed> Sealer::take() {
  if (waiting_.empty() || !waiting_.front().done) return std::nullopt;
  Sealed sealed = std::move(waiting_.front().sealed);
  waiting_.pop_front();
  return sealed;
}

}  // namespace p2p::mesh
