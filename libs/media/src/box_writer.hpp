#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace p2p::media {

/// Writes nested boxes of ISO/IEC 14496-12; a box gets its size when its body is done.
class BoxWriter {
 public:
  explicit BoxWriter(Bytes& out) : out_{out} {}

  template <typename Body>
  void box(std::string_view type, Body body) {
    const std::size_t at = out_.size();
    u32(0);
    text(type);
    body();
    patch_u32(at, static_cast<std::uint32_t>(out_.size() - at));
  }

  template <typename Body>
  void full_box(std::string_view type, std::uint8_t version, std::uint32_t flags, Body body) {
    box(type, [&] {
      u32(std::uint32_t{version} << 24 | flags);
      body();
    });
  }

  void u8(std::uint8_t value) { append_big_endian(out_, value); }
  void u16(std::uint16_t value) { append_big_endian(out_, value); }
  void u32(std::uint32_t value) { append_big_endian(out_, value); }
  void u64(std::uint64_t value) { append_big_endian(out_, value); }
  void text(std::string_view value) { append(out_, as_bytes(value)); }
  void bytes(BytesView value) { append(out_, value); }
  void zeros(std::size_t count) { out_.resize(out_.size() + count); }

  [[nodiscard]] std::size_t size() const { return out_.size(); }
  void patch_u32(std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) out_[at + i] = static_cast<std::byte>(value >> (24 - 8 * i));
  }

 private:
  Bytes& out_;
};

}  // namespace p2p::media
