#include "socketio/json_text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace p2p::socketio {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// What may stand behind a backslash, but `u`. An SDP has one at the end of each of its lines, so no search through a list.
bool is_short_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      return true;
    default:
      return false;
  }
}

/// How many characters at the head of `text` stand for themselves in a JSON string: no quote, no backslash, no control character. Eight
/// at a time (the bit tricks are those of "Hacker's Delight", section 6-1): a signal is a string of 1.5 KB, and every layer looks for its end.
std::size_t plain_length(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kTops = 0x8080808080808080;
  const auto zero_in = [](std::uint64_t word) { return (word - kOnes) & ~word & kTops; };
  std::size_t at = 0;
  for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    const std::uint64_t control = (word - 0x20 * kOnes) & ~word & kTops;
    if ((control | zero_in(word ^ ('"' * kOnes)) | zero_in(word ^ ('\\' * kOnes))) != 0) break;
  }
  while (at < text.size() && text[at] != '"' && text[at] != '\\' && static_cast<unsigned char>(text[at]) >= 0x20) ++at;
  return at;
}

/// Walks over one value; each `take_*` either moves past what it names or returns false.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_{text} {}

  [[nodiscard]] std::size_t position() const { return at_; }
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  /// One of the strings so far has escapes by number.
  [[nodiscard]] bool saw_code_points() const { return saw_code_points_; }

  void skip_space() {
    while (!at_end() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  }

  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool take_value(int depth) {
    skip_space();
    if (at_end() || depth > kJsonDepthMax) return false;
    switch (text_[at_]) {
      case '{':
        return take_members(depth);
      case '[':
        return take_items(depth);
      case '"':
        return take_string();
      case 't':
        return take_word("true");
      case 'f':
        return take_word("false");
      case 'n':
        return take_word("null");
      default:
        return take_number();
    }
  }

  bool take_string() {
    if (!take('"')) return false;
    while (true) {
      at_ += plain_length(text_.substr(at_));
      if (take('"')) return true;
      if (!take('\\') || !take_escape()) return false;
    }
  }

 private:
  bool take_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  bool take_escape() {
    if (at_end()) return false;
    const char c = text_[at_++];
    if (c != 'u') return is_short_escape(c);
    saw_code_points_ = true;
    for (int i = 0; i < 4; ++i, ++at_) {
      if (at_end() || !is_hex(text_[at_])) return false;
    }
    return true;
  }

  bool take_digits() {
    const std::size_t start = at_;
    while (!at_end() && is_digit(text_[at_])) ++at_;
    return at_ > start;
  }

  bool take_number() {
    take('-');
    if (!take('0') && !take_digits()) return false;
    if (take('.') && !take_digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      return take_digits();
    }
    return true;
  }

  bool take_items(int depth) {
    take('[');
    skip_space();
    if (take(']')) return true;
    do {
      if (!take_value(depth + 1)) return false;
      skip_space();
    } while (take(','));
    return take(']');
  }

  bool take_members(int depth) {
    take('{');
    skip_space();
    if (take('}')) return true;
    do {
      skip_space();
      if (!take_string()) return false;
      skip_space();
      if (!take(':') || !take_value(depth + 1)) return false;
      skip_space();
    } while (take(','));
    return take('}');
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool saw_code_points_ = false;
};

}  // namespace

std::optional<std::string_view> take_json_value(std::string_view& text) {
  Scanner scanner{text};
  scanner.skip_space();
  const std::size_t start = scanner.position();
  if (!scanner.take_value(1)) return std::nullopt;
  const std::string_view value = text.substr(start, scanner.position() - start);
  text.remove_prefix(scanner.position());
  return value;
}

std::optional<JsonString> take_json_string(std::string_view& text) {
  Scanner scanner{text};
  scanner.skip_space();
  const std::size_t start = scanner.position();
  if (!scanner.take_string()) return std::nullopt;
  const JsonString string{text.substr(start, scanner.position() - start), scanner.saw_code_points()};
  text.remove_prefix(scanner.position());
  return string;
}

bool is_json(std::string_view text) {
  if (!take_json_value(text)) return false;
  Scanner rest{text};
  rest.skip_space();
  return rest.at_end();
}

std::optional<std::vector<std::string_view>> json_elements(std::string_view text, std::size_t elements_max) {
  std::vector<std::string_view> elements;
  Scanner head{text};
  head.skip_space();
  if (!head.take('[')) return std::nullopt;
  head.skip_space();
  text.remove_prefix(head.position());
  bool more = !text.starts_with(']');
  while (more) {
    // An element lies inside of the array, so it may be one level less deep than a value alone; the bound is ours either way.
    const std::optional<std::string_view> element = take_json_value(text);
    if (!element || elements.size() == elements_max) return std::nullopt;
    elements.push_back(*element);
    Scanner after{text};
    after.skip_space();
    more = after.take(',');
    text.remove_prefix(after.position());
  }
  Scanner tail{text};
  if (!tail.take(']')) return std::nullopt;
  tail.skip_space();
  if (!tail.at_end()) return std::nullopt;
  return elements;
}

JsonMembers::JsonMembers(std::string_view& text) : text_{text} {
  Scanner head{text_};
  head.skip_space();
  if (head.take('{')) state_ = State::kFirst;
  text_.remove_prefix(head.position());
}

std::optional<std::string_view> JsonMembers::next() {
  if (state_ != State::kFirst && state_ != State::kMore) return std::nullopt;
  const bool first = state_ == State::kFirst;
  state_ = State::kFailed;
  Scanner scanner{text_};
  scanner.skip_space();
  if (scanner.take('}')) {
    state_ = State::kComplete;
    text_.remove_prefix(scanner.position());
    return std::nullopt;
  }
  if (!first && !scanner.take(',')) return std::nullopt;
  scanner.skip_space();
  const std::size_t start = scanner.position();
  if (!scanner.take_string()) return std::nullopt;
  const std::string_view name = text_.substr(start + 1, scanner.position() - start - 2);
  scanner.skip_space();
  if (!scanner.take(':')) return std::nullopt;
  text_.remove_prefix(scanner.position());
  state_ = State::kMore;
  return name;
}

std::optional<std::string_view> json_member(std::string_view object, std::string_view name) {
  JsonMembers members{object};
  while (const std::optional<std::string_view> key = members.next()) {
    const std::optional<std::string_view> value = take_json_value(object);
    if (!value || *key == name) return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> json_string_member(std::string_view object, std::string_view name) {
  const std::optional<std::string_view> value = json_member(object, name);
  if (!value || !value->starts_with('"')) return std::nullopt;
  return value->substr(1, value->size() - 2);
}

std::string json_quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  out.reserve(text.size() + 2);
  out.push_back('"');
  while (true) {
    const std::size_t plain = plain_length(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else {
      out.append("\\u00");
      out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kHex[static_cast<unsigned char>(c) & 15]);
    }
  }
  out.push_back('"');
  return out;
}

}  // namespace p2p::socketio
