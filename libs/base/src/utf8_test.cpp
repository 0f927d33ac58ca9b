#include "base/utf8.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace p2p {
namespace {

std::optional<std::vector<char32_t>> points_of(std::string_view text) {
  std::vector<char32_t> points;
  while (!text.empty()) {
    const auto point = take_code_point(text);
    if (!point) return std::nullopt;
    points.push_back(*point);
  }
  return points;
}

TEST(Utf8, IsReadCodePointByCodePoint) {
  EXPECT_EQ(points_of("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x8c\x8a"), (std::vector<char32_t>{U'a', U'é', U'€', U'🌊'}));
  EXPECT_EQ(points_of("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"), (std::vector<char32_t>{0xd7ff, 0xe000, 0x10ffff}));
}

TEST(Utf8, WhatIsNoneIsNotRead) {
  for (const std::string_view bad : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"}) {
    EXPECT_EQ(points_of(bad), std::nullopt);
    EXPECT_FALSE(is_utf8(bad));
  }
}

}  // namespace
}  // namespace p2p
