#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/check.hpp"

namespace p2p {

/// A map for a few items that are looked through often, such as what there is for each link: in the order of their keys, in one block.
///
/// Finding takes log(n) steps, adding and removing moves what lies behind. Unlike std::map's, references and iterators are good until the
/// next item is added or removed.
template <typename Key, typename Value>
class FlatMap {
 public:
  using value_type = std::pair<Key, Value>;
  using iterator = typename std::vector<value_type>::iterator;
  using const_iterator = typename std::vector<value_type>::const_iterator;

  [[nodiscard]] iterator begin() { return items_.begin(); }
  [[nodiscard]] iterator end() { return items_.end(); }
  [[nodiscard]] const_iterator begin() const { return items_.begin(); }
  [[nodiscard]] const_iterator end() const { return items_.end(); }
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] bool empty() const { return items_.empty(); }

  [[nodiscard]] iterator lower_bound(const Key& key) {
    return std::ranges::lower_bound(items_, key, {}, &value_type::first);
  }
  [[nodiscard]] const_iterator lower_bound(const Key& key) const {
    return std::ranges::lower_bound(items_, key, {}, &value_type::first);
  }
  [[nodiscard]] iterator find(const Key& key) {
    const auto at = lower_bound(key);
    return at != end() && at->first == key ? at : end();
  }
  [[nodiscard]] const_iterator find(const Key& key) const {
    const auto at = lower_bound(key);
    return at != end() && at->first == key ? at : end();
  }
  [[nodiscard]] bool contains(const Key& key) const { return find(key) != end(); }
  [[nodiscard]] const Value& at(const Key& key) const {
    const auto found = find(key);
    CHECK(found != end(), "no such key");
    return found->second;
  }

  Value& operator[](const Key& key) { return try_emplace(key).first->second; }

  /// Leaves the item alone when there is one.
  template <typename... Arguments>
  std::pair<iterator, bool> try_emplace(const Key& key, Arguments&&... arguments) {
    const auto place = lower_bound(key);
    if (place != end() && place->first == key) return {place, false};
    return {items_.insert(place, value_type{key, Value{std::forward<Arguments>(arguments)...}}), true};
  }

  iterator erase(const_iterator item) { return items_.erase(item); }
  iterator erase(const_iterator first, const_iterator last) { return items_.erase(first, last); }
  std::size_t erase(const Key& key) {
    const auto item = find(key);
    if (item == end()) return 0;
    items_.erase(item);
    return 1;
  }
  void clear() { items_.clear(); }

 private:
  std::vector<value_type> items_;
};

}  // namespace p2p
