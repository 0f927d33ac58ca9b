#include "json_fields.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cmath>

namespace p2p::net {
namespace {

constexpr std::size_t kDepthMax = 8;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

bool read_hex(std::string_view text, std::byte* to, std::size_t size) {
  if (text.size() != 2 * size) return false;
  for (std::size_t i = 0; i < size; ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    to[i] = static_cast<std::byte>(high * 16 + low);
  }
  return true;
}

const boost::json::value* JsonDocument::parse(std::string_view text) {
  boost::json::error_code error;
  boost::json::parse_options options;
  options.max_depth = kDepthMax;
  value_.emplace(boost::json::parse({text.data(), text.size()}, error, &arena_, options));
  return error ? nullptr : &*value_;
}

JsonFields::JsonFields(const boost::json::value* value) {
  if (value != nullptr) object_ = value->if_object();
  if (object_ == nullptr) error_ = Error{"the request must be one JSON object"};
}

std::string_view JsonFields::text(std::string_view name, std::size_t bytes_max) {
  const boost::json::value* found = value(name);
  const boost::json::string* string = found == nullptr ? nullptr : found->if_string();
  if (string == nullptr) {
    refuse(name, "must be a string");
    return {};
  }
  if (string->size() > bytes_max) {
    refuse(name, "is longer than " + std::to_string(bytes_max) + " bytes");
    return {};
  }
  return {string->data(), string->size()};
}

std::int64_t JsonFields::number(std::string_view name, std::int64_t max) {
  const boost::json::value* found = value(name);
  if (found == nullptr) return 0;
  double number = -1;
  if (const auto* whole = found->if_int64()) number = static_cast<double>(*whole);
  if (const auto* whole = found->if_uint64()) number = static_cast<double>(*whole);
  if (const auto* real = found->if_double()) number = *real;
  if (!std::isfinite(number) || number < 0 || number > static_cast<double>(max)) {
    refuse(name, "must be a number from 0 to " + std::to_string(max));
    return 0;
  }
  return static_cast<std::int64_t>(number);
}

std::int64_t JsonFields::integer(std::string_view name, std::int64_t max) {
  const boost::json::value* found = value(name);
  const auto* real = found == nullptr ? nullptr : found->if_double();
  if (real != nullptr && std::trunc(*real) != *real) refuse(name, "must be a whole number from 0 to " + std::to_string(max));
  return number(name, max);
}

bool JsonFields::flag(std::string_view name, bool otherwise) {
  const boost::json::value* found = value(name);
  if (found == nullptr) return otherwise;
  if (const bool* flag = found->if_bool()) return *flag;
  refuse(name, "must be true or false");
  return otherwise;
}

const boost::json::array& JsonFields::list(std::string_view name, std::size_t items_max) {
  static const boost::json::array kNone;
  const boost::json::value* found = value(name);
  if (found == nullptr) return kNone;
  const boost::json::array* array = found->if_array();
  if (array == nullptr || array->size() > items_max) {
    refuse(name, "must be a list of at most " + std::to_string(items_max));
    return kNone;
  }
  return *array;
}

const boost::json::value* JsonFields::value(std::string_view name) const {
  return object_ == nullptr ? nullptr : object_->if_contains({name.data(), name.size()});
}

void JsonFields::refuse(std::string_view name, std::string_view what) {
  if (!error_) error_ = Error{std::string{name}.append(" ").append(what)};
}

void JsonFields::hex_into(std::string_view name, std::byte* to, std::size_t size) {
  const std::string_view digits = text(name, 2 * size);
  if (!error_ && !read_hex(digits, to, size)) refuse(name, "must be " + std::to_string(2 * size) + " lower-case hex digits");
}

}  // namespace p2p::net
