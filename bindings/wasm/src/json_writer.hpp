#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace p2p::abi {

/// Writes flat JSON: figures for the page, a few times a second. Keys come from our own code and need no escaping.
class JsonWriter {
 public:
  JsonWriter& open(char bracket) {
    separate();
    text_.push_back(bracket);
    first_ = true;
    return *this;
  }
  JsonWriter& close(char bracket) {
    text_.push_back(bracket);
    first_ = false;
    return *this;
  }
  JsonWriter& key(std::string_view name) {
    separate();
    text_.append("\"").append(name).append("\":");
    first_ = true;
    return *this;
  }
  JsonWriter& number(std::int64_t value) {
    separate();
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value);
    text_.append(digits, end.ptr);
    return *this;
  }
  /// From 0 up, to four decimals.
  JsonWriter& fraction(double value) {
    const auto parts = static_cast<std::int64_t>(value * 10'000 + .5);
    number(parts / 10'000);
    char digits[8];
    const auto end = std::to_chars(digits, digits + sizeof digits, 10'000 + parts % 10'000);
    digits[0] = '.';
    text_.append(digits, end.ptr);
    return *this;
  }
  JsonWriter& text(std::string_view value) {
    separate();
    text_.push_back('"');
    for (const char c : value) {
      if (static_cast<unsigned char>(c) < 0x20) continue;   // one line, whatever a message brought along
      if (c == '"' || c == '\\') text_.push_back('\\');
      text_.push_back(c);
    }
    text_.push_back('"');
    return *this;
  }
  JsonWriter& boolean(bool value) {
    separate();
    text_.append(value ? "true" : "false");
    return *this;
  }
  [[nodiscard]] const std::string& str() const { return text_; }

 private:
  void separate() {
    if (!first_ && !text_.empty()) text_.push_back(',');
    first_ = false;
  }

  std::string text_;
  bool first_ = true;
};

}  // namespace p2p::abi
