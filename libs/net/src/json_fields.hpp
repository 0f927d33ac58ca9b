#pragma once

#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace p2p::net {

/// A remote text as JSON, depth bounded; nothing if it is none. The values live in a small arena of this object.
class JsonDocument {
 public:
  [[nodiscard]] const boost::json::value* parse(std::string_view text);

 private:
  std::array<unsigned char, 4096> first_;
  boost::json::monotonic_resource arena_{first_.data(), first_.size()};
  std::optional<boost::json::value> value_;
};

/// Takes typed fields from an object and remembers the first that is not what it must be.
///
/// Always holds: what a getter returns is within the bounds it was given, or a default while `error` is set.
class JsonFields {
 public:
  explicit JsonFields(const boost::json::value* value);

  /// UTF-8 of at most `bytes_max` bytes.
  std::string_view text(std::string_view name, std::size_t bytes_max);
  /// A number in [0, max]; what is behind the point is cut off. An absent one is 0.
  std::int64_t number(std::string_view name, std::int64_t max);
  /// The same without anything behind the point.
  std::int64_t integer(std::string_view name, std::int64_t max);
  /// An absent one is `otherwise`.
  bool flag(std::string_view name, bool otherwise);
  /// At most `items_max`; an absent one is empty.
  const boost::json::array& list(std::string_view name, std::size_t items_max);
  const boost::json::value* value(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return value(name) != nullptr; }

  template <std::size_t Size>
  std::array<std::byte, Size> hex(std::string_view name) {
    std::array<std::byte, Size> bytes{};
    hex_into(name, bytes.data(), Size);
    return bytes;
  }

  void refuse(std::string_view name, std::string_view what);
  /// With a sentence that names the field.
  void refuse(std::string sentence) {
    if (!error_) error_ = Error{std::move(sentence)};
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  void hex_into(std::string_view name, std::byte* to, std::size_t size);

  const boost::json::object* object_ = nullptr;
  std::optional<Error> error_;
};

/// Lower-case hex of exactly this many bytes.
[[nodiscard]] bool read_hex(std::string_view text, std::byte* to, std::size_t size);

}  // namespace p2p::net
