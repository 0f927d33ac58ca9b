#pragma once

#include <chrono>
#include <optional>

struct asn1_string_st;

namespace p2p::net {

/// A time as certificates have it (RFC 5280, 4.1.2.5); nothing for what is none.
[[nodiscard]] std::optional<std::chrono::sys_seconds> sys_seconds_of(const asn1_string_st* time);

}  // namespace p2p::net
