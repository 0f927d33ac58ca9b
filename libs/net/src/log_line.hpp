#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace p2p::net {

/// A named value in a log line.
struct LogField {
  LogField(std::string_view with_name, std::string_view text) : name{with_name}, value{text} {}
  LogField(std::string_view with_name, std::uint64_t number) : name{with_name}, value{std::to_string(number)}, is_number{true} {}

  std::string_view name;
  std::string value;
  bool is_number = false;
};
using LogFields = std::initializer_list<LogField>;

/// Lines with fields, through spdlog: in text `message name=value`, in JSON a member each (net/log.hpp).
/// A line that concerns a session has the field `connection`, its number in this run.
void log_debug(std::string_view message, LogFields fields = {});
void log_info(std::string_view message, LogFields fields = {});
void log_warn(std::string_view message, LogFields fields = {});

/// Whether debug lines are written: for what is costly to put together, or too private for others.
[[nodiscard]] bool log_is_verbose();

}  // namespace p2p::net
