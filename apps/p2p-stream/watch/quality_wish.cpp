#include "watch/quality_wish.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>

namespace p2p::app {

Result<QualityWish> QualityWish::parse(std::string_view text) {
  if (text == "best") return QualityWish{std::numeric_limits<int>::max()};
  if (text == "lowest") return QualityWish{0};
  std::string_view number = text;
  if (number.ends_with('p')) number.remove_suffix(1);
  int height = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), height);
  if (error != std::errc{} || end != number.data() + number.size() || height <= 0) {
    return fail(fmt::format("'{}' is no quality. Give best, lowest, or a height such as 720p.", text.substr(0, 50)));
  }
  return QualityWish{height};
}

std::optional<mesh::RenditionStats> QualityWish::pick(const std::vector<mesh::RenditionStats>& renditions) const {
  const auto better = [](const mesh::RenditionStats& a, const mesh::RenditionStats& b) { return a.bits_per_s < b.bits_per_s; };
  std::vector<mesh::RenditionStats> fitting;
  std::ranges::copy_if(renditions, std::back_inserter(fitting), [&](const mesh::RenditionStats& rendition) { return rendition.height <= height_max_; });
  if (!fitting.empty()) return *std::ranges::max_element(fitting, better);
  if (renditions.empty()) return std::nullopt;
  return *std::ranges::min_element(renditions, better);
}

}  // namespace p2p::app
