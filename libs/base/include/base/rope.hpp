#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "base/payload.hpp"

namespace p2p {

/// Immutable bytes that lie in one or more payloads, one after the other: a part as its pieces came is passed on without being copied
/// together. Whoever needs it in one place joins it once, at the end.
class Rope {
 public:
  Rope() = default;
  Rope(Payload bytes) { append(std::move(bytes)); }  // NOLINT(google-explicit-constructor): bytes in one place are a rope too

  void append(Payload bytes) {
    if (bytes.empty()) return;
    size_ += bytes.size();
    strands_.push_back(std::move(bytes));
  }
  void reserve(std::size_t strands) { strands_.reserve(strands); }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  /// None of them is empty.
  [[nodiscard]] std::span<const Payload> strands() const { return strands_; }

  /// All of it in one place; a copy only where there is more than one strand.
  [[nodiscard]] Payload joined() const {
    if (strands_.empty()) return {};
    if (strands_.size() == 1) return strands_.front();
    Bytes bytes;
    bytes.reserve(size_);
    for (const Payload& strand : strands_) p2p::append(bytes, strand.view());
    return Payload{std::move(bytes)};
  }

 private:
  std::vector<Payload> strands_;
  std::size_t size_ = 0;
};

}  // namespace p2p
