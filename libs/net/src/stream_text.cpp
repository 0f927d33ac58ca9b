#include "stream_text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <memory>

#include "base/utf8.hpp"

namespace p2p::net {
namespace {

/// utf8proc's mapping of the whole text; nothing for what is no UTF-8.
std::optional<std::string> mapped(std::string_view text, int options) {
  utf8proc_uint8_t* out = nullptr;
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()), &out,
                                             static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned{out, &std::free};
  if (size < 0) return std::nullopt;
  return std::string{reinterpret_cast<const char*>(out), static_cast<std::size_t>(size)};
}

std::optional<std::string> composed(std::string_view text) { return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE); }

template <typename Each>
void each_code_point(std::string_view text, Each each) {
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t code_point = 0;
    const utf8proc_ssize_t taken = utf8proc_iterate(at, left, &code_point);
    if (taken <= 0) return;
    each(code_point);
    at += taken;
    left -= taken;
  }
}

void append_code_point(std::string& to, utf8proc_int32_t code_point) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const utf8proc_ssize_t size = utf8proc_encode_char(code_point, bytes.data());
  to.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
}

/// Separators, and what cannot be seen: controls, format characters (which turn text around), unassigned ones.
bool is_gap(utf8proc_int32_t code_point) {
  const utf8proc_category_t category = utf8proc_category(code_point);
  return category == UTF8PROC_CATEGORY_CN || category >= UTF8PROC_CATEGORY_ZS;
}
bool is_letter_or_digit(utf8proc_int32_t code_point) {
  const utf8proc_category_t category = utf8proc_category(code_point);
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) || (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}
bool is_control(utf8proc_int32_t code_point) { return utf8proc_category(code_point) == UTF8PROC_CATEGORY_CC; }

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out.push_back(' ');
    } else if (text[i] == '%') {
      unsigned value = 0;
      const char* const digits = text.data() + i + 1;
      if (text.size() - i < 3) return std::nullopt;
      const auto [end, error] = std::from_chars(digits, digits + 2, value, 16);
      if (error != std::errc{} || end != digits + 2) return std::nullopt;
      out.push_back(static_cast<char>(value));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
}

}  // namespace

std::size_t characters_of(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

Result<std::string> read_title(std::string_view text) {
  const std::size_t characters = characters_of(text);
  if (characters < 1 || characters > kTitleCharactersMax) return fail("title must have 1 to 120 characters");
  bool controls = false;
  each_code_point(text, [&](utf8proc_int32_t code_point) { controls = controls || is_control(code_point); });
  if (controls) return fail("title must not have control characters");
  return std::string{text};
}

Result<directory::Category> read_category(std::string_view text) {
  if (const auto category = directory::parse_category(text)) return *category;
  std::string known;
  for (const std::string_view id : directory::kCategories) known.append(known.empty() ? "" : ", ").append(id);
  return fail("category must be one of " + known);
}

Result<std::string> read_tag(std::string_view text) {
  const std::string sentence = "tags must have 1 to 24 characters each, a letter or digit among them";
  if (text.size() > 4 * kTagCharactersMax || characters_of(text) > kTagCharactersMax) return fail(sentence);
  const std::optional<std::string> whole = composed(text);
  if (!whole) return fail(sentence);
  std::string tag;
  bool sayable = false;
  bool gap = false;
  each_code_point(*whole, [&](utf8proc_int32_t code_point) {
    if (tag.empty() && code_point == '#') return;
    if (is_gap(code_point)) {
      gap = !tag.empty();
      return;
    }
    if (std::exchange(gap, false)) tag.push_back(' ');
    sayable = sayable || is_letter_or_digit(code_point);
    append_code_point(tag, utf8proc_tolower(code_point));
  });
  std::optional<std::string> small = composed(tag);
  if (!small || !sayable || characters_of(*small) > kTagCharactersMax) return fail(sentence);
  return std::move(*small);
}

Result<std::vector<std::string>> read_tags(const std::vector<std::string_view>& texts) {
  if (texts.size() > kTagsMax) return fail("tags must be at most 8");
  std::vector<std::string> tags;
  for (const std::string_view text : texts) {
    Result<std::string> tag = read_tag(text);
    if (!tag) return std::unexpected{tag.error()};
    if (std::ranges::find(tags, *tag) == tags.end()) tags.push_back(std::move(*tag));
  }
  return tags;
}

Result<std::string> read_language(std::string_view text) {
  const bool letters = std::ranges::all_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
  if (!letters || text.size() < 2 || text.size() > 3) return fail("language must be a code of two or three small letters (ISO 639), such as en");
  return std::string{text};
}

std::string folded(std::string_view text) {
  return mapped(text, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE).value_or("");
}

std::vector<std::string> search_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty() && words.size() < kSearchWordsMax) words.push_back(word);
    word.clear();
  };
  each_code_point(folded(text), [&](utf8proc_int32_t code_point) {
    if (is_gap(code_point)) {
      end_word();
    } else if (!word.empty() || code_point != '#') {
      append_code_point(word, code_point);
    }
  });
  end_word();
  std::ranges::sort(words);
  const auto doubles = std::ranges::unique(words);
  words.erase(doubles.begin(), doubles.end());
  return words;
}

std::string search_text_of(const directory::StreamDetails& details) {
  std::string text = details.title + "\n" + std::string{directory::to_text(details.category)};
  for (const std::string& tag : details.tags) text.append("\n").append(tag);
  return folded(text);
}

Result<directory::StreamFilter> read_filter(const FilterText& text) {
  directory::StreamFilter filter;
  if (text.category) {
    const auto category = read_category(*text.category);
    if (!category) return std::unexpected{category.error()};
    filter.category = *category;
  }
  if (text.language) {
    auto language = read_language(*text.language);
    if (!language) return std::unexpected{language.error()};
    filter.language = std::move(*language);
  }
  auto tags = read_tags(text.tags);
  if (!tags) return std::unexpected{tags.error()};
  filter.tags = std::move(*tags);
  std::ranges::sort(filter.tags);
  if (text.search) {
    if (characters_of(*text.search) > kSearchCharactersMax) return fail("search must have at most 64 characters");
    filter.words = search_words(*text.search);
  }
  if (text.sort) {
    if (*text.sort != "viewers" && *text.sort != "newest") return fail("sort must be viewers or newest");
    filter.sort = *text.sort == "newest" ? directory::StreamFilter::Sort::kNewest : directory::StreamFilter::Sort::kViewers;
  }
  if (text.limit) {
    if (*text.limit < 1 || *text.limit > directory::StreamFilter::kLimitMax) return fail("limit must be a whole number from 1 to 500");
    filter.limit = static_cast<std::uint16_t>(*text.limit);
  }
  return filter;
}

Result<directory::StreamFilter> read_filter_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view parameter = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    const auto name = decoded(parameter.substr(0, equals));
    const auto value = decoded(parameter.substr(std::min(equals + 1, parameter.size())));
    if (!name || !value) return fail("the address is not encoded as it should be (percent signs, UTF-8)");
    parameters.emplace_back(*name, *value);
  }
  FilterText text;
  for (const auto& [name, value] : parameters) {
    if (name == "category") text.category = value;
    if (name == "language") text.language = value;
    if (name == "tag") text.tags.push_back(value);
    if (name == "search") text.search = value;
    if (name == "sort") text.sort = value;
    if (name == "limit") {
      std::int64_t limit = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), limit);
      text.limit = error == std::errc{} && end == value.data() + value.size() ? limit : 0;
    }
  }
  return read_filter(text);
}

}  // namespace p2p::net
