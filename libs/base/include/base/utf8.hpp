#pragma once

#include <optional>
#include <string_view>

namespace p2p {

/// Whether `text` is well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text);

/// Takes the first code point off `text`, which is not empty. Nothing, and `text` as it was, when it does not begin with one.
[[nodiscard]] std::optional<char32_t> take_code_point(std::string_view& text);

}  // namespace p2p
