#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "doctor/finding.hpp"
#include "net/signaling_client.hpp"
#include "serve/serve_settings.hpp"

/// What the machine must have to offer.
namespace p2p::app {

/// A port of 0 is any that is free. One that is taken by a server of ours gives a warning: it may be the one that is meant.
[[nodiscard]] Finding check_tcp_port(const std::string& host, std::uint16_t port, const char* setting = "port");
[[nodiscard]] Finding check_udp_port(const std::string& host, std::uint16_t port);

/// Each connection and each relayed address takes an open file. `most` is the hard limit of this process, up to which the server raises its own.
[[nodiscard]] Finding check_open_files(std::uint64_t most, const ServeSettings& settings);
[[nodiscard]] std::uint64_t open_files_max();

/// A folder that the server makes and writes to, if it is to keep a certificate of its own.
[[nodiscard]] Finding check_state_directory(const std::string& folder, bool needed);

/// Certificates and TURN's credentials end by the clock. What the kernel knows of its own.
[[nodiscard]] Finding check_clock();
/// By the Date field (RFC 9110, 6.6.1) of a server that the operator named.
[[nodiscard]] Finding check_clock_against(const std::string& url, const net::TlsTrust& tls);
/// How far `date` is from `now`; nothing of the way there is taken off.
[[nodiscard]] Finding compare_clocks(const std::string& who, std::string_view date, std::chrono::sys_seconds now);

}  // namespace p2p::app
