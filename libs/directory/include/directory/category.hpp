#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

/// What a stream is about: one of a fixed list, so that pages can put it into their visitors' language. For what the list lacks there
/// are tags.
namespace p2p::directory {

/// In alphabetical order, but for the last. docs/signaling.schema.json has the same list.
inline constexpr std::array<std::string_view, 15> kCategories{"art",    "code",  "education", "film",    "food",   "games", "making", "music",
                                                              "nature", "news",  "places",    "science", "sports", "talk",  "other"};

/// An index into kCategories.
enum class Category : std::uint8_t {};
inline constexpr Category kOtherCategory{kCategories.size() - 1};

[[nodiscard]] constexpr std::string_view to_text(Category category) { return kCategories[static_cast<std::size_t>(category)]; }

[[nodiscard]] constexpr std::optional<Category> parse_category(std::string_view id) {
  const auto found = std::ranges::find(kCategories, id);
  if (found == kCategories.end()) return std::nullopt;
  return static_cast<Category>(found - kCategories.begin());
}

}  // namespace p2p::directory
