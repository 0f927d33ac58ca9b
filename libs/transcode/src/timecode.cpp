#include "transcode/timecode.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace p2p::transcode {
namespace {

constexpr int kBlocks = 64;
constexpr int kRows = 24;
constexpr std::uint64_t kMark = 0b10110010;
constexpr std::uint8_t kWhite = 235, kBlack = 16;

std::uint8_t checksum(std::uint64_t ms) {
  std::uint8_t sum = 0x5a;
  for (int byte = 0; byte < 6; ++byte) sum = static_cast<std::uint8_t>(sum ^ (ms >> (8 * byte)));
  return sum;
}

struct Span {
  int from;
  int to;
};

Span block(int index, int width) { return {index * width / kBlocks, (index + 1) * width / kBlocks}; }

}  // namespace

void draw_timecode(std::span<std::uint8_t> luma, std::size_t stride, int width, int height, std::int64_t unix_ms) {
  CHECK(width >= kBlocks && height >= kRows, "a picture too small for a timecode");
  const std::uint64_t ms = static_cast<std::uint64_t>(unix_ms) & 0xffff'ffff'ffff;
  const std::uint64_t bits = kMark << 56 | ms << 8 | checksum(ms);
  for (int y = height - height / kRows; y < height; ++y) {
    const auto row = luma.subspan(static_cast<std::size_t>(y) * stride, static_cast<std::size_t>(width));
    for (int i = 0; i < kBlocks; ++i) {
      const Span x = block(i, width);
      std::fill(row.begin() + x.from, row.begin() + x.to, (bits >> (63 - i) & 1) != 0 ? kWhite : kBlack);
    }
  }
}

std::optional<std::int64_t> read_timecode(std::span<const std::uint8_t> luma, std::size_t stride, int width, int height) {
  if (width < kBlocks || height < kRows) return std::nullopt;
  const int rows = height / kRows;
  const int top = height - rows + rows / 4, bottom = std::max(top + 1, height - rows / 4);
  std::uint64_t bits = 0;
  for (int i = 0; i < kBlocks; ++i) {
    const Span x = block(i, width);
    const int quarter = (x.to - x.from) / 4;
    int sum = 0, count = 0;
    for (int y = top; y < bottom; ++y) {
      for (int column = x.from + quarter; column < std::max(x.from + quarter + 1, x.to - quarter); ++column, ++count) {
        sum += luma[static_cast<std::size_t>(y) * stride + static_cast<std::size_t>(column)];
      }
    }
    bits = bits << 1 | (sum > 128 * count ? 1u : 0u);
  }
  const std::uint64_t ms = bits >> 8 & 0xffff'ffff'ffff;
  if (bits >> 56 != kMark || static_cast<std::uint8_t>(bits) != checksum(ms)) return std::nullopt;
  return static_cast<std::int64_t>(ms);
}

}  // namespace p2p::transcode
