#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "base/prefetch.hpp"

namespace p2p {

/// Immutable bytes that many may hold at once: one piece goes out to several children without being copied for each.
///
/// Always holds: what a Payload shows never changes; a slice keeps the whole alive.
class Payload {
 public:
  Payload() = default;
  explicit Payload(Bytes bytes) : size_{static_cast<std::uint32_t>(bytes.size())} {
    CHECK(bytes.size() <= UINT32_MAX, "a payload of more than 4 GiB");
    bytes_ = std::make_shared<const Bytes>(std::move(bytes));
  }

  [[nodiscard]] static Payload copy_of(BytesView bytes) { return Payload{Bytes{bytes.begin(), bytes.end()}}; }

  [[nodiscard]] BytesView view() const { return bytes_ ? BytesView{*bytes_}.subspan(offset_, size_) : BytesView{}; }
  /// What view() reads.
  void prefetch() const { p2p::prefetch(bytes_.get(), sizeof(Bytes)); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  [[nodiscard]] Payload slice(std::size_t offset, std::size_t size) const {
    CHECK(offset <= size_ && size <= size_ - offset, "a slice outside of its payload");
    Payload part = *this;
    part.offset_ += static_cast<std::uint32_t>(offset);
    part.size_ = static_cast<std::uint32_t>(size);
    return part;
  }

 private:
  std::shared_ptr<const Bytes> bytes_;
  std::uint32_t offset_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace p2p
