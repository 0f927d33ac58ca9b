#include "buffer/piece_store.hpp"

#include "base/check.hpp"
#include "buffer/piece_set.hpp"

namespace p2p::mesh {

bool PieceStore::put(PieceNumber piece, Held held) {
  if (!anchored_) {
    base_ = piece;
    anchored_ = true;
  }
  if (piece < base_) {
    // A join's backlog comes in random order: room is made in front as far as the window may reach.
    if (end() - piece > PieceSet::kSpanMax || base_dropped_to_ > piece) return false;
    for (; base_ > piece; --base_) slots_.push_front(std::nullopt);
  }
  if (piece - base_ >= PieceSet::kSpanMax) drop_before(piece - PieceSet::kSpanMax + 1);
  if (piece >= end()) slots_.resize(piece - base_ + 1);
  auto& slot = slots_[piece - base_];
  if (slot) return false;
  bytes_ += held.bytes.size();
  slot = std::move(held);
  return true;
}

const PieceStore::Held* PieceStore::find(PieceNumber piece) const {
  if (piece < base_ || piece >= end()) return nullptr;
  const auto& slot = slots_[piece - base_];
  return slot ? &*slot : nullptr;
}

void PieceStore::drop_before(PieceNumber piece) {
  if (!anchored_ || piece <= base_dropped_to_) return;
  base_dropped_to_ = piece;
  while (base_ < piece && !slots_.empty()) {
    if (slots_.front()) bytes_ -= slots_.front()->bytes.size();
    slots_.pop_front();
    ++base_;
  }
  if (base_ < piece) base_ = piece;
}

void PieceStore::check_invariants() const {
  std::size_t sum = 0;
  for (const auto& slot : slots_) sum += slot ? slot->bytes.size() : 0;
  CHECK(sum == bytes_, "the store lost count of its bytes");
  CHECK(slots_.size() <= PieceSet::kSpanMax, "the store's window is too long");
}

}  // namespace p2p::mesh
