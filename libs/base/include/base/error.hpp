#pragma once

#include <expected>
#include <string>
#include <utility>

namespace p2p {

/// What went wrong, for a person: a sentence that says what happened and, where one can do something, what to do next.
struct Error {
  std::string text;
};

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(std::string text) { return std::unexpected{Error{std::move(text)}}; }

}  // namespace p2p
