#pragma once

#include <cstdint>
#include <string_view>

namespace p2p::net {

enum class LogFormat : std::uint8_t {
  kText,  ///< time, level, message, name=value
  kJson,  ///< an object a line: time, level, message, and the names
};

/// Where the server's lines go: standard error, from the level on ("debug", "info", "warn", "error", "off"). Times are UTC.
///
/// Always holds: a line is one line, whatever remote bytes are in it. Addresses of clients are cut to their network (an IPv4 /24, an IPv6 /48)
/// above the level debug; session ids, secrets and credentials are in no line.
void set_up_log(std::string_view level, LogFormat format);

}  // namespace p2p::net
