#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/check.hpp"

namespace p2p {

/// A queue that grows and is read by place: what slides along a live stream (pieces, parts, outputs) enters behind and leaves in front.
///
/// Always holds: its items lie in one block of memory, none while it was never filled; it takes constant time (amortized) to add or
/// remove at either end and to look at a place. std::deque takes some 600 bytes for one item, and an engine has dozens of queues.
///
/// References stay good until the next item is added.
template <typename T>
class Ring {
  template <typename Self, typename Item>
  class Walk;

 public:
  using value_type = T;
  using iterator = Walk<Ring, T>;
  using const_iterator = Walk<const Ring, const T>;

  Ring() = default;
  Ring(const Ring& other) { *this = other; }
  Ring(Ring&& other) noexcept { swap(other); }
  Ring& operator=(const Ring& other) {
    if (this == &other) return *this;
    clear();
    reserve(other.size_);
    for (std::size_t i = 0; i < other.size_; ++i) push_back(other[i]);
    return *this;
  }
  Ring& operator=(Ring&& other) noexcept {
    Ring taken{std::move(other)};
    swap(taken);
    return *this;
  }
  ~Ring() {
    clear();
    if (block_) std::allocator<T>{}.deallocate(block_, capacity_);
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  [[nodiscard]] T& operator[](std::size_t place) { return block_[slot(place)]; }
  [[nodiscard]] const T& operator[](std::size_t place) const { return block_[slot(place)]; }
  [[nodiscard]] T& front() { return (*this)[0]; }
  [[nodiscard]] const T& front() const { return (*this)[0]; }
  [[nodiscard]] T& back() { return (*this)[size_ - 1]; }
  [[nodiscard]] const T& back() const { return (*this)[size_ - 1]; }

  [[nodiscard]] iterator begin() { return {this, 0}; }
  [[nodiscard]] iterator end() { return {this, size_}; }
  [[nodiscard]] const_iterator begin() const { return {this, 0}; }
  [[nodiscard]] const_iterator end() const { return {this, size_}; }

  void push_back(T item) {
    grow_for(size_ + 1);
    std::construct_at(block_ + slot(size_), std::move(item));
    ++size_;
  }
  void push_front(T item) {
    grow_for(size_ + 1);
    first_ = (first_ == 0 ? capacity_ : first_) - 1;
    std::construct_at(block_ + first_, std::move(item));
    ++size_;
  }
  void pop_front() {
    CHECK(size_ > 0, "nothing to take from a ring");
    std::destroy_at(block_ + first_);
    // Who fills and empties it by turns finds the same memory in the processor's caches.
    first_ = --size_ == 0 ? 0 : slot(1);
  }
  void pop_back() {
    CHECK(size_ > 0, "nothing to take from a ring");
    std::destroy_at(block_ + slot(size_ - 1));
    --size_;
  }
  /// Before the item at `place`; what lies behind moves on by one.
  void insert(std::size_t place, T item) {
    CHECK(place <= size_, "a place outside of a ring");
    push_back(std::move(item));
    std::rotate(begin() + static_cast<std::ptrdiff_t>(place), end() - 1, end());
  }
  /// What lies behind moves up by one.
  void erase(std::size_t place) {
    CHECK(place < size_, "a place outside of a ring");
    const auto gone = begin() + static_cast<std::ptrdiff_t>(place);
    std::move(gone + 1, end(), gone);
    pop_back();
  }
  /// Asks once of each; how many went.
  template <typename Which>
  std::size_t erase_if(const Which& which) {
    const auto kept = std::remove_if(begin(), end(), which);
    const auto gone = static_cast<std::size_t>(end() - kept);
    for (std::size_t i = 0; i < gone; ++i) pop_back();
    return gone;
  }
  /// New items are default-made and lie behind.
  void resize(std::size_t size) {
    grow_for(size);
    while (size_ < size) push_back(T{});
    while (size_ > size) pop_back();
  }
  void clear() {
    while (size_ > 0) pop_back();
    first_ = 0;
  }
  void reserve(std::size_t size) {
    if (size > capacity_) grow_for(size);
  }

 private:
  template <typename Self, typename Item>
  class Walk {
   public:
    using iterator_category = std::random_access_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = Item*;
    using reference = Item&;

    Walk() = default;
    Walk(Self* ring, std::size_t place) : ring_{ring}, place_{static_cast<std::ptrdiff_t>(place)} {}
    Item& operator*() const { return (*ring_)[static_cast<std::size_t>(place_)]; }
    Item* operator->() const { return &**this; }
    Item& operator[](std::ptrdiff_t n) const { return *(*this + n); }
    Walk& operator+=(std::ptrdiff_t n) { return place_ += n, *this; }
    Walk& operator-=(std::ptrdiff_t n) { return place_ -= n, *this; }
    Walk& operator++() { return *this += 1; }
    Walk& operator--() { return *this -= 1; }
    Walk operator++(int) { return std::exchange(*this, *this + 1); }
    Walk operator--(int) { return std::exchange(*this, *this - 1); }
    friend Walk operator+(Walk at, std::ptrdiff_t n) { return at += n; }
    friend Walk operator+(std::ptrdiff_t n, Walk at) { return at += n; }
    friend Walk operator-(Walk at, std::ptrdiff_t n) { return at -= n; }
    friend std::ptrdiff_t operator-(const Walk& a, const Walk& b) { return a.place_ - b.place_; }
    friend bool operator==(const Walk& a, const Walk& b) { return a.place_ == b.place_; }
    friend auto operator<=>(const Walk& a, const Walk& b) { return a.place_ <=> b.place_; }

   private:
    Self* ring_ = nullptr;
    std::ptrdiff_t place_ = 0;
  };

  static constexpr std::size_t kCapacityMin = 4;

  [[nodiscard]] std::size_t slot(std::size_t place) const {
    const std::size_t at = first_ + place;
    return at < capacity_ ? at : at - capacity_;
  }

  void swap(Ring& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(capacity_, other.capacity_);
    std::swap(first_, other.first_);
    std::swap(size_, other.size_);
  }

  void grow_for(std::size_t size) {
    static_assert(std::is_nothrow_move_constructible_v<T>, "a ring moves its items when it grows");
    if (size <= capacity_) return;
    std::size_t capacity = std::max(capacity_, kCapacityMin);
    while (capacity < size) capacity += capacity / 2;
    T* block = std::allocator<T>{}.allocate(capacity);
    for (std::size_t i = 0; i < size_; ++i) {
      std::construct_at(block + i, std::move((*this)[i]));
      std::destroy_at(block_ + slot(i));
    }
    if (block_) std::allocator<T>{}.deallocate(block_, capacity_);
    block_ = block;
    capacity_ = capacity;
    first_ = 0;
  }

  T* block_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t first_ = 0;      // where the front lies
  std::size_t size_ = 0;
};

}  // namespace p2p
