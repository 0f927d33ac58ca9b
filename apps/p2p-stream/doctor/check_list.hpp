#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "doctor/finding.hpp"
#include "net/server_address.hpp"
#include "net/signaling_client.hpp"
#include "serve/load_settings.hpp"

namespace p2p::app {

struct DoctorOptions {
  std::vector<std::string> names;   ///< under which clients will come
  std::string time_from;            ///< a server to compare the clock with; empty: the kernel's word
  net::TlsTrust tls;                ///< for servers that are asked
};

/// Of `serve` with these settings on this machine. The settings and options outlive the checks.
[[nodiscard]] std::vector<Check> checks_of(const LoadedSettings& loaded, const DoctorOptions& options);
/// Of a server that runs.
[[nodiscard]] std::vector<Check> checks_of(const net::ServerAddress& server, const DoctorOptions& options);

/// A check's name and what it looks at, for --help.
struct CheckName {
  std::string_view name;
  std::string_view what;
};
[[nodiscard]] std::vector<CheckName> check_names();

}  // namespace p2p::app
