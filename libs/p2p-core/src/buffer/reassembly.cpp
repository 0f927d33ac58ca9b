#include "buffer/reassembly.hpp"

#include <algorithm>
#include <cstring>

#include "base/check.hpp"

namespace p2p::mesh {

std::optional<Reassembly::Whole> Reassembly::add(const wire::Fragment& fragment, const Payload& body) {
  if (body.size() == fragment.size) {
    begun_.erase(fragment.piece);
    return Whole{fragment.piece, body, fragment.requested, fragment.age_ms};
  }
  // Senders cut at multiples of kFragmentBytesMax; a place names which of the three this is.
  const std::uint32_t place = fragment.offset / static_cast<std::uint32_t>(wire::kFragmentBytesMax);
  if (fragment.offset % wire::kFragmentBytesMax != 0) return std::nullopt;

  Begun& begun = begun_[fragment.piece];
  if (begun.bytes.size() != fragment.size || (begun.places >> place & 1) != 0) {
    begun = Begun{.bytes = Bytes(fragment.size), .order = next_order_++, .age_ms = fragment.age_ms, .requested = fragment.requested};
  }
  std::memcpy(begun.bytes.data() + fragment.offset, body.view().data(), body.size());
  begun.places |= 1u << place;
  begun.received += static_cast<std::uint32_t>(body.size());
  if (begun.received == fragment.size) {
    Whole whole{fragment.piece, Payload{std::move(begun.bytes)}, begun.requested, begun.age_ms};
    begun_.erase(fragment.piece);
    return whole;
  }
  if (begun_.size() > kPiecesMax) {
    begun_.erase(std::min_element(begun_.begin(), begun_.end(),
                                  [](const auto& a, const auto& b) { return a.second.order < b.second.order; }));
  }
  return std::nullopt;
}

void Reassembly::check_invariants() const {
  CHECK(begun_.size() <= kPiecesMax, "more pieces begun than a link may");
  for (const auto& [piece, begun] : begun_) CHECK(begun.received < begun.bytes.size(), "a whole piece was not handed on");
}

}  // namespace p2p::mesh
