#include "json_fields.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace p2p::netbox {

namespace json = boost::json;

JsonFields::JsonFields(const json::value& value, std::string where) : where_{std::move(where)} {
  object_ = value.if_object();
  if (!object_) error_ = Error{fmt::format("{} must be an object in {{}}.", where_)};
}

const json::value* JsonFields::any(std::string_view key) {
  taken_.emplace_back(key);
  return object_ && !error_ ? object_->if_contains(key) : nullptr;
}

std::optional<std::string> JsonFields::text(std::string_view key) {
  const json::value* value = any(key);
  if (!value) return std::nullopt;
  if (value->is_string()) return std::string{std::string_view{value->get_string()}};
  refuse(key, "must be a text");
  return std::nullopt;
}

std::optional<double> JsonFields::number(std::string_view key, double least, double most) {
  const json::value* value = any(key);
  if (!value) return std::nullopt;
  if (value->is_number()) {
    const auto number = value->to_number<double>();
    if (number >= least && number <= most) return number;
  }
  refuse(key, fmt::format("must be a number from {} to {}", least, most));
  return std::nullopt;
}

std::optional<bool> JsonFields::truth(std::string_view key) {
  const json::value* value = any(key);
  if (!value) return std::nullopt;
  if (value->is_bool()) return value->get_bool();
  refuse(key, "must be true or false");
  return std::nullopt;
}

const json::array* JsonFields::list(std::string_view key) {
  const json::value* value = any(key);
  if (!value) return nullptr;
  if (value->is_array()) return &value->get_array();
  refuse(key, "must be a list in []");
  return nullptr;
}

void JsonFields::refuse(std::string_view key, const std::string& why) {
  if (!error_) error_ = Error{fmt::format("{}: \"{}\" {}.", where_, key, why)};
}

void JsonFields::refuse(const Error& error) {
  if (!error_) error_ = error;
}

std::optional<Error> JsonFields::finish() {
  if (error_ || !object_) return error_;
  for (const auto& [key, value] : *object_) {
    if (std::ranges::find(taken_, std::string_view{key}) != taken_.end()) continue;
    return Error{fmt::format("{} has no \"{}\". It may have: {}.", where_, std::string_view{key}, fmt::join(taken_, ", "))};
  }
  return std::nullopt;
}

}  // namespace p2p::netbox
