#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>

namespace p2p::app {

/// Prints a line's worth of text at once. Unlike fmt::print it does not throw when the reader has gone (`p2p-stream ... | head`): a stream
/// does not end because nobody reads its log.
template <typename... Args>
void say(std::FILE* to, fmt::format_string<Args...> format, Args&&... args) {
  const std::string text = fmt::format(format, std::forward<Args>(args)...);
  (void)std::fwrite(text.data(), 1, text.size(), to);
  (void)std::fflush(to);
}

}  // namespace p2p::app
