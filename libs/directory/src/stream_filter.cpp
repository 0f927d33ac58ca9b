#include "directory/stream_filter.hpp"

#include <algorithm>

#include "directory/messages.hpp"

namespace p2p::directory {

bool StreamFilter::matches(const StreamDetails& stream) const {
  if (category && *category != stream.category) return false;
  if (!language.empty() && language != stream.language) return false;
  const auto has_tag = [&](const std::string& tag) { return std::ranges::find(stream.tags, tag) != stream.tags.end(); };
  const auto has_word = [&](const std::string& word) { return stream.search_text.find(word) != std::string::npos; };
  return std::ranges::all_of(tags, has_tag) && std::ranges::all_of(words, has_word);
}

}  // namespace p2p::directory
