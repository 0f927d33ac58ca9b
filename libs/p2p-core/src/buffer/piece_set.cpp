#include "buffer/piece_set.hpp"

#include <algorithm>

namespace p2p::mesh {

bool PieceSet::has(PieceNumber piece) const {
  if (piece < base_) return false;
  const std::size_t word = (piece - base_) / 64;
  return word < words_.size() && ((words_[word] >> (piece % 64)) & 1) != 0;
}

void PieceSet::add(PieceNumber piece) {
  if (words_.empty()) base_ = piece / 64 * 64;
  if (piece < base_) return;
  if (piece - base_ >= kSpanMax) drop_before(piece - kSpanMax / 2);
  if (words_.empty()) base_ = piece / 64 * 64;
  const std::size_t word = (piece - base_) / 64;
  if (word >= words_.size()) words_.resize(word + 1);
  words_[word] |= std::uint64_t{1} << (piece % 64);
  end_ = std::max(end_, piece + 1);
}

void PieceSet::remove(PieceNumber piece) {
  if (has(piece)) words_[(piece - base_) / 64] &= ~(std::uint64_t{1} << (piece % 64));
}

void PieceSet::drop_before(PieceNumber piece) {
  while (!words_.empty() && base_ + 64 <= piece) {
    words_.pop_front();
    base_ += 64;
  }
}

void PieceSet::clear() { *this = PieceSet{}; }

}  // namespace p2p::mesh
