#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// JSON carried as text: this library only finds where values begin and end; their meaning is read by the session's layer.
namespace p2p::socketio {

/// Deeper nesting is refused: a parser behind this one may recurse.
inline constexpr int kJsonDepthMax = 32;

/// The well-formed JSON value (RFC 8259) at the head of `text`, white space before it skipped, and takes it from `text`.
/// Nothing if there is none. UTF-8 is the carrier's to check.
[[nodiscard]] std::optional<std::string_view> take_json_value(std::string_view& text);

struct JsonString {
  std::string_view quoted;
  bool has_code_points = false;  ///< escapes by number (\u00e9), which may stand for half a character
};
/// The same for a string.
[[nodiscard]] std::optional<JsonString> take_json_string(std::string_view& text);

/// Whether the whole of `text` is one well-formed value.
[[nodiscard]] bool is_json(std::string_view text);

/// The elements of the array that `text` is, as text. Nothing if it is not a well-formed array or has more than `elements_max`.
[[nodiscard]] std::optional<std::vector<std::string_view>> json_elements(std::string_view text, std::size_t elements_max);

/// Walks through the members of an object at the head of `text`, which it takes from there: a member's name, then the caller takes its
/// value (take_json_value, or a walk through it) before it asks for the next.
class JsonMembers {
 public:
  explicit JsonMembers(std::string_view& text);

  /// The next member's name without its quotes, escapes as they are; `text` begins with its value then. Nothing at the end of the object,
  /// or where it is not well-formed.
  [[nodiscard]] std::optional<std::string_view> next();
  /// The object was walked through to its end.
  [[nodiscard]] bool complete() const { return state_ == State::kComplete; }

 private:
  enum class State { kFirst, kMore, kComplete, kFailed };

  std::string_view& text_;
  State state_ = State::kFailed;
};

/// The value of the first member called `name` of a well-formed object, as text. `name` needs no escapes.
[[nodiscard]] std::optional<std::string_view> json_member(std::string_view object, std::string_view name);
/// The same for a string, without its quotes; escapes stay as they are.
[[nodiscard]] std::optional<std::string_view> json_string_member(std::string_view object, std::string_view name);

/// `text` as a JSON string with its quotes.
[[nodiscard]] std::string json_quoted(std::string_view text);

}  // namespace p2p::socketio
