#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "base/utf8.hpp"
#include "stream_text.hpp"

/// What people write, as any bytes: what is taken is within its bounds, and in a form that stays as it is when it is read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2p::net;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto tag = read_tag(text)) {
    CHECK(p2p::is_utf8(*tag) && !tag->empty() && characters_of(*tag) <= kTagCharactersMax, "a tag out of its bounds");
    const auto again = read_tag(*tag);
    CHECK(again && *again == *tag, "a tag that changes when it is read again");
  }
  const auto words = search_words(text);
  CHECK(words.size() <= kSearchWordsMax && std::ranges::is_sorted(words), "too many words, or out of order");
  if (p2p::is_utf8(text) && words.size() < kSearchWordsMax) {
    // Whatever is written can be found by what is written.
    const std::string everything = folded(text);
    for (const std::string& word : words) CHECK(everything.find(word) != std::string::npos, "a word that its own text has not");
  }
  if (const auto filter = read_filter_query(text)) {
    CHECK(filter->tags.size() <= kTagsMax && filter->words.size() <= kSearchWordsMax && filter->limit >= 1, "a filter out of its bounds");
    CHECK(std::ranges::is_sorted(filter->tags), "equal filters that differ");
  }
  (void)read_title(text);
  (void)read_language(text);
  return 0;
}
