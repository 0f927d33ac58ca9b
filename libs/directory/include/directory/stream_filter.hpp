#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "directory/category.hpp"

namespace p2p::directory {

struct StreamDetails;

/// Which streams somebody wants to see, and how many of them: those that come first by `sort`.
///
/// Two who want the same have equal filters if `tags` and `words` are sorted and hold nothing twice; a list then does the work for both
/// once. Text is compared byte by byte: whoever makes filter and details folds both in the same way (net/src/stream_text.hpp).
struct StreamFilter {
  enum class Sort : std::uint8_t { kViewers, kNewest };
  static constexpr std::uint16_t kLimitUsual = 100;
  static constexpr std::uint16_t kLimitMax = 500;

  std::optional<Category> category;
  std::string language;            ///< empty: any
  std::vector<std::string> tags;   ///< all of them
  std::vector<std::string> words;  ///< all of them, anywhere in StreamDetails::search_text
  Sort sort = Sort::kViewers;
  std::uint16_t limit = kLimitUsual;

  [[nodiscard]] bool matches(const StreamDetails& stream) const;
  friend auto operator<=>(const StreamFilter&, const StreamFilter&) = default;
};

}  // namespace p2p::directory
