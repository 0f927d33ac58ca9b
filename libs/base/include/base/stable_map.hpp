#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "base/prefetch.hpp"

namespace p2p {

/// A map of few and large items, in the order of their keys: the keys lie together in one block and each item in one of its own.
///
/// Finding reads the keys alone, where std::map reads an item for each step down its tree. As with std::map a reference to an item is good
/// until that item is removed, whatever comes and goes beside it; unlike std::map's, iterators are good until anything does.
template <typename Key, typename Value>
class StableMap {
  template <typename Item>
  class Walk;

 public:
  using value_type = std::pair<const Key, Value>;
  using iterator = Walk<value_type>;
  using const_iterator = Walk<const value_type>;

  [[nodiscard]] iterator begin() { return iterator{items_.data()}; }
  [[nodiscard]] iterator end() { return iterator{items_.data() + items_.size()}; }
  [[nodiscard]] const_iterator begin() const { return const_iterator{items_.data()}; }
  [[nodiscard]] const_iterator end() const { return const_iterator{items_.data() + items_.size()}; }
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] bool empty() const { return items_.empty(); }

  [[nodiscard]] iterator find(const Key& key) { return iterator{items_.data() + place_of(key)}; }
  [[nodiscard]] const_iterator find(const Key& key) const { return const_iterator{items_.data() + place_of(key)}; }
  [[nodiscard]] bool contains(const Key& key) const { return place_of(key) != items_.size(); }
  [[nodiscard]] Value& at(const Key& key) {
    const std::size_t place = place_of(key);
    CHECK(place != items_.size(), "no such key");
    return items_[place]->second;
  }

  /// Made by its default constructor when there is none.
  Value& operator[](const Key& key) {
    const std::size_t place = lower_bound(key);
    if (place == items_.size() || keys_[place] != key) {
      const auto offset = static_cast<std::ptrdiff_t>(place);
      keys_.insert(keys_.begin() + offset, key);
      items_.insert(items_.begin() + offset, std::make_unique<value_type>(std::piecewise_construct, std::forward_as_tuple(key), std::tuple<>{}));
    }
    return items_[place]->second;
  }

  /// What find() reads.
  void prefetch() const {
    p2p::prefetch(keys_.data(), keys_.size() * sizeof(Key));
    p2p::prefetch(items_.data(), items_.size() * sizeof(Block));
  }

  std::size_t erase(const Key& key) {
    const std::size_t place = place_of(key);
    if (place == items_.size()) return 0;
    const auto offset = static_cast<std::ptrdiff_t>(place);
    keys_.erase(keys_.begin() + offset);
    items_.erase(items_.begin() + offset);
    return 1;
  }

 private:
  using Block = std::unique_ptr<value_type>;

  template <typename Item>
  class Walk {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = StableMap::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = Item*;
    using reference = Item&;

    Walk() = default;
    explicit Walk(const Block* block) : block_{block} {}
    Item& operator*() const { return **block_; }
    Item* operator->() const { return block_->get(); }
    Walk& operator++() { return ++block_, *this; }
    Walk operator++(int) { return Walk{block_++}; }
    friend bool operator==(const Walk&, const Walk&) = default;

   private:
    const Block* block_ = nullptr;
  };

  [[nodiscard]] std::size_t lower_bound(const Key& key) const { return static_cast<std::size_t>(std::ranges::lower_bound(keys_, key) - keys_.begin()); }
  /// size() when there is none.
  [[nodiscard]] std::size_t place_of(const Key& key) const {
    const std::size_t place = lower_bound(key);
    return place < keys_.size() && keys_[place] == key ? place : keys_.size();
  }

  std::vector<Key> keys_;
  std::vector<Block> items_;   // of keys_, at the same places
};

}  // namespace p2p
