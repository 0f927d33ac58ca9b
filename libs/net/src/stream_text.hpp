#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "directory/messages.hpp"
#include "directory/stream_filter.hpp"

/// What people write about streams and search for, checked and brought into one form (docs/signaling.md), by Unicode's rules as utf8proc
/// has them. Everything here takes any bytes; what is no UTF-8 is refused or found nowhere.
namespace p2p::net {

inline constexpr std::size_t kTitleCharactersMax = 120;
inline constexpr std::size_t kTagsMax = 8;
inline constexpr std::size_t kTagCharactersMax = 24;
inline constexpr std::size_t kSearchCharactersMax = 64;
inline constexpr std::size_t kSearchWordsMax = 8;

[[nodiscard]] std::size_t characters_of(std::string_view utf8);

[[nodiscard]] Result<std::string> read_title(std::string_view text);
[[nodiscard]] Result<directory::Category> read_category(std::string_view text);
/// A tag in the form in which tags are compared and shown: small letters, single spaces, composed (NFC), no leading '#', nothing that cannot be
/// seen. Reading what came out gives the same again.
[[nodiscard]] Result<std::string> read_tag(std::string_view text);
/// All of them, none twice; in the order given.
[[nodiscard]] Result<std::vector<std::string>> read_tags(const std::vector<std::string_view>& texts);
[[nodiscard]] Result<std::string> read_language(std::string_view text);

/// For search: compatible forms made one (NFKD), letter case folded, accents and other marks left out.
[[nodiscard]] std::string folded(std::string_view text);
/// The folded words of a search, sorted, none twice.
[[nodiscard]] std::vector<std::string> search_words(std::string_view text);
/// StreamDetails::search_text for the rest of them.
[[nodiscard]] std::string search_text_of(const directory::StreamDetails& details);

/// A filter as clients write it; nothing: not given.
struct FilterText {
  std::optional<std::string_view> category;
  std::optional<std::string_view> language;
  std::vector<std::string_view> tags;
  std::optional<std::string_view> search;
  std::optional<std::string_view> sort;
  std::optional<std::int64_t> limit;
};
[[nodiscard]] Result<directory::StreamFilter> read_filter(const FilterText& text);

/// The same from the query of an address, `category=music&tag=a&tag=b&search=...`, as browsers encode it.
[[nodiscard]] Result<directory::StreamFilter> read_filter_query(std::string_view query);

}  // namespace p2p::net
