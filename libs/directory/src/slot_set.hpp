#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace p2p::directory {

/// A set of small numbers, a bit each: two sets of a thousand are compared in sixteen steps.
class SlotSet {
 public:
  void add(std::size_t slot) {
    grow(slot / kBits + 1);
    words_[slot / kBits] |= bit(slot);
  }
  void remove(std::size_t slot) {
    if (slot / kBits < words_.size()) words_[slot / kBits] &= ~bit(slot);
  }
  [[nodiscard]] bool has(std::size_t slot) const { return slot / kBits < words_.size() && (words_[slot / kBits] & bit(slot)) != 0; }
  [[nodiscard]] std::size_t size() const {
    std::size_t count = 0;
    for (const std::uint64_t word : words_) count += static_cast<std::size_t>(std::popcount(word));
    return count;
  }
  void clear() { words_.clear(); }

  /// Calls `each(slot)` for those of `one` that `other` has, or (keep false) has not.
  template <typename Each>
  static void walk(const SlotSet& one, const SlotSet& other, bool keep, Each each) {
    for (std::size_t i = 0; i < one.words_.size(); ++i) {
      const std::uint64_t mask = i < other.words_.size() ? other.words_[i] : 0;
      for (std::uint64_t left = one.words_[i] & (keep ? mask : ~mask); left != 0; left &= left - 1) {
        each(i * kBits + static_cast<std::size_t>(std::countr_zero(left)));
      }
    }
  }

 private:
  static constexpr std::size_t kBits = 64;
  static std::uint64_t bit(std::size_t slot) { return std::uint64_t{1} << (slot % kBits); }
  void grow(std::size_t words) {
    if (words_.size() < words) words_.resize(words);
  }

  std::vector<std::uint64_t> words_;
};

}  // namespace p2p::directory
